"""What payers pay beside outcome payments, in words: tax, guarantees and the like, costs of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sibmodel.model import Books
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import listed, money, with_error
from sibmodel.running.statistics import Summary

_FOR = {
    "vat": "in value added tax that it cannot recover",
    "promised": "under guarantees and contingent payments, less what these bring it",
}


def besides(measures: Mapping[str, Summary], payers: Iterable[str], pays: str) -> Iterator[str]:
    """'council pays £50.0k in the base case and £48.1k ± £1.1k on average under guarantees …', where it ever does."""
    for payer in payers:
        for name, words in _FOR.items():
            one = measures.get(f"payer.{payer}.{name}")
            if one is not None and (one.base or one.mean):
                mean = with_error(one.mean, one.se, "£")
                base = money(one.base)
                amount = base if base == mean else f"{base} in the base case and {mean} on average"
                yield f"{spaced(payer)} {pays} {amount} {words}"


def not_in_the_limit(measures: Mapping[str, Summary], books: Books, payers: Iterable[str]) -> str:
    """What the contract's limit on some payers' payments does not contain, as a sentence; nothing where there is none.

    Whatever a payer may have to pay is named, even if no future asks for it.
    """
    named = tuple(payers)
    tax, promises = ([spaced(p) for p in named if f"payer.{p}.{name}" in measures] for name in _FOR)
    borne = dict.fromkeys(spaced(line.payer) for line in books.service.costs.of_payers if line.payer in named)
    left_out = [f"value added tax that {listed(tax)} cannot recover"] if tax else []
    left_out += [f"guarantees and contingent payments of {listed(promises)}"] if promises else []
    left_out += [f"costs that {listed(list(borne))} bear{'s' if len(borne) == 1 else ''} directly"] if borne else []
    return f" Not in that: {listed(left_out)}." if left_out else ""
