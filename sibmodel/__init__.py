"""Models the money of social impact bonds, from a YAML scenario to an answer."""
