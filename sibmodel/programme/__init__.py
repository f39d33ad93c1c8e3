"""The service: who is referred, who starts, how long they stay, and what delivery costs."""
