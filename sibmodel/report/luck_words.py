"""What a report says of luck with people."""

from __future__ import annotations

from sibmodel.outcomes.terms import AchievementTerms, EffectTerms, OutcomeTerms, QuantityTerms
from sibmodel.report.contract_words import spaced
from sibmodel.scenario.schema import Scenario


def luck_told(scenario: Scenario) -> str:
    """Which outcomes are drawn person by person, and which are not, so that the true spread is wider."""
    every = scenario.outcomes
    drawn = [name for name, one in every.items() if isinstance(one, AchievementTerms) and one.luck.counts == "drawn"]
    expected = [name for name, one in every.items() if _expected(one)]
    sentences = []
    if drawn:
        sentences.append(
            f"Luck with people (who happens to succeed) is drawn for {_listed(drawn)}; people of one cohort succeed or "
            "fail together more often than strangers."
        )
    if expected:
        sentences.append(f"Expected numbers are taken for {_listed(expected)}, so the true spread is wider.")
    if any(isinstance(one, EffectTerms) for one in every.values()):
        sentences.append("Measurement noise of effects is included.")
    return " ".join(sentences)


def _expected(outcome: OutcomeTerms) -> bool:
    without_luck = isinstance(outcome, AchievementTerms) and outcome.luck.counts == "expected"
    return without_luck or isinstance(outcome, QuantityTerms)


def _listed(names: list[str]) -> str:
    words = [spaced(name) for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
