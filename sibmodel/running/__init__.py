"""Working a scenario through for many trials, and keeping what came out."""
