"""What changes for people, what would have happened anyway, and what the evaluator sees of it."""
