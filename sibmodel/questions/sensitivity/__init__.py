"""What a measure depends on: tornado, importance, effects, switching values, two-way grids."""

from sibmodel.questions.sensitivity.answer import Sensitivity, sensitivity
from sibmodel.questions.sensitivity.grid import TwoWay

__all__ = ["Sensitivity", "TwoWay", "sensitivity"]
