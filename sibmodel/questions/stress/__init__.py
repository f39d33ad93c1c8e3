"""A battery of tests of a payment contract and the deal around it: what it pays for nothing, misses, and invites."""

from sibmodel.questions.stress.battery import Stress, stress
from sibmodel.questions.stress.checks import LIMITS, Check, Counterexample, Figure

__all__ = ["LIMITS", "Check", "Counterexample", "Figure", "Stress", "stress"]
