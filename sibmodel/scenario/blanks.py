"""Blanks that look like those of the keyboard, or like nothing, and are neither."""

from __future__ import annotations

import unicodedata


def is_odd_blank(character: str) -> bool:
    """Whether a character looks like a blank, or like nothing, and is not the blank of the keyboard."""
    return character != " " and unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cf")


def odd_blank(text: str) -> str:
    """A hint, with a blank after it, that an invisible or special blank stands in a text; nothing if none does."""
    found = next((c for c in text if is_odd_blank(c)), None)
    return "" if found is None else f"delete the invisible or special blank (U+{ord(found):04X}) in it, and "


def shown(text: str) -> str:
    """A text with ordinary blanks in place of special ones, and without those that cannot be seen."""
    return "".join(_ordinary(c) if is_odd_blank(c) else c for c in text)


def _ordinary(character: str) -> str:
    return "" if unicodedata.category(character) == "Cf" else " "
