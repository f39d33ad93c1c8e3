"""Dated public parameters as data, each with edition, source and licence."""
