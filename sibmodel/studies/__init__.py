"""Studies of the same thing brought together: what they say, how far they disagree, what each of them moves."""
