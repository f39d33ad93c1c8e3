"""What agencies save and people gain: the chain from an outcome to cashable pounds."""
