"""Results for readers: tables, words and pictures."""
