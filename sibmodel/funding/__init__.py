"""The `routes` chapter: other ways of paying for the same programme than a bond."""
