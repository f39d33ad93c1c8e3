"""What a report says of luck with people."""

from __future__ import annotations

from sibmodel.outcomes.terms import AchievementTerms, EffectTerms, QuantityTerms
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import listed
from sibmodel.scenario.schema import Scenario


def luck_told(scenario: Scenario) -> str:
    """Which outcomes are drawn person by person, and which are not, so that the true spread is wider."""
    every = scenario.outcomes
    drawn = [name for name, one in every.items() if isinstance(one, AchievementTerms) and one.luck.counts == "drawn"]
    left_out = [name for name, one in every.items() if isinstance(one, AchievementTerms) and name not in drawn]
    expected = [name for name, one in every.items() if isinstance(one, QuantityTerms) or name in left_out]
    if drawn:
        alone = [name for name in drawn if every[name].luck.independent]  # type: ignore[union-attr]
        some = "people of one cohort succeed or fail together more often than strangers"
        if alone:
            some = "everybody on their own" if alone == drawn else f"{some}, but not for {_listed(alone)}"
        luck = f"is drawn for {_listed(drawn)}; {some}"
    else:
        luck = f"is left out of {_listed(left_out)}" if left_out else "is not drawn: nothing here is an achievement"
    sentences = [f"Luck with people (who happens to succeed) {luck}."]
    if expected:
        sentences.append(f"Expected numbers are taken for {_listed(expected)}, so the true spread is wider.")
    if any(isinstance(one, EffectTerms) for one in every.values()):
        sentences.append("Measurement noise of effects is included.")
    return " ".join(sentences)


def _listed(names: list[str]) -> str:
    return listed([spaced(name) for name in names])
