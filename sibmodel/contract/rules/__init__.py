"""Payment rules. A new rule is a class in a file of this folder and an entry in `RULES`."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Tag

from sibmodel.contract.rules import greatest
from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.rules.greatest import GreatestTerms
from sibmodel.contract.rules.milestones import MilestonesTerms
from sibmodel.contract.rules.price import PriceTerms, RateCardTerms
from sibmodel.contract.rules.scales import LinearTerms, StepsTerms, TiersTerms
from sibmodel.contract.rules.triggers import StandingChargeTerms, TriggerTerms
from sibmodel.core.schema import one_of

RULES: dict[str, type[TermBase]] = {
    "price": PriceTerms,
    "rate_card": RateCardTerms,
    "linear": LinearTerms,
    "steps": StepsTerms,
    "tiers": TiersTerms,
    "trigger": TriggerTerms,
    "standing_charge": StandingChargeTerms,
    "milestones": MilestonesTerms,
    "greatest": GreatestTerms,
    "least": GreatestTerms,
}

if TYPE_CHECKING:
    Term = TermBase
else:
    _any_rule: Any = reduce(or_, (Annotated[rule, Tag(f"~{name}")] for name, rule in RULES.items()))
    Term = Annotated[_any_rule, one_of("rule", *RULES)]

GreatestTerms.model_rebuild(_types_namespace={**vars(greatest), "Term": Term})
