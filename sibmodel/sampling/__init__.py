"""Simulated futures: named streams of random numbers and the values they stand for."""
