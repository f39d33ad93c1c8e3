"""Who puts money in, when, and in what order it comes back."""
