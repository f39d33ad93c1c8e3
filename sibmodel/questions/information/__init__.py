"""What it would be worth to know more before signing, and to measure better afterwards."""

from sibmodel.questions.information.asking import information
from sibmodel.questions.information.found import Information

__all__ = ["Information", "information"]
