"""Models the money of social impact bonds, from a YAML scenario to an answer."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sibmodel.errors import Problem, ReconciliationError, ScenarioError, SibmodelError, UnknownNameError
    from sibmodel.measures.irr import irr, mirr
    from sibmodel.model import Books
    from sibmodel.questions.appraise import appraise
    from sibmodel.questions.comparison import Comparison, compare
    from sibmodel.questions.deal_space import DealSpace, deal_space
    from sibmodel.questions.evidence import evidence
    from sibmodel.questions.information import Information, information
    from sibmodel.questions.ledgers import ledgers
    from sibmodel.questions.logs import logs
    from sibmodel.questions.reach import Reach, reach
    from sibmodel.questions.risk import RiskResult, risk
    from sibmodel.questions.routes import routes
    from sibmodel.questions.routes_answer import Routes
    from sibmodel.questions.sensitivity import Sensitivity, TwoWay, sensitivity
    from sibmodel.questions.solve import Solution, solve
    from sibmodel.questions.spread import Spread, spread
    from sibmodel.questions.stress import Stress, stress
    from sibmodel.report.balances import balances
    from sibmodel.report.explanation import explain
    from sibmodel.report.tables import cashflows, inputs
    from sibmodel.running.convergence import Convergence, convergence
    from sibmodel.running.execution import base_case
    from sibmodel.running.paying import Paid, pay
    from sibmodel.running.results import Result
    from sibmodel.running.simulation import simulate
    from sibmodel.running.statistics import Summary
    from sibmodel.running.trials_file import kept_trials
    from sibmodel.scenario.reader import change, load, load_contract, load_evidence, loads, loads_contract
    from sibmodel.scenario.schema import ContractSheet, Scenario

__version__ = "0.1.0"

_HOME = {
    "Books": "model",
    "appraise": "questions.appraise",
    "evidence": "questions.evidence",
    "load_evidence": "scenario.reader",
    "logs": "questions.logs",
    "Problem": "errors",
    "ReconciliationError": "errors",
    "Result": "running.results",
    "RiskResult": "questions.risk",
    "Scenario": "scenario.schema",
    "ScenarioError": "errors",
    "SibmodelError": "errors",
    "Summary": "running.statistics",
    "UnknownNameError": "errors",
    "Paid": "running.paying",
    "ContractSheet": "scenario.schema",
    "balances": "report.balances",
    "base_case": "running.execution",
    "cashflows": "report.tables",
    "change": "scenario.reader",
    "Comparison": "questions.comparison",
    "compare": "questions.comparison",
    "Convergence": "running.convergence",
    "convergence": "running.convergence",
    "kept_trials": "running.trials_file",
    "explain": "report.explanation",
    "Information": "questions.information",
    "information": "questions.information",
    "inputs": "report.tables",
    "ledgers": "questions.ledgers",
    "irr": "measures.irr",
    "load": "scenario.reader",
    "load_contract": "scenario.reader",
    "loads": "scenario.reader",
    "loads_contract": "scenario.reader",
    "mirr": "measures.irr",
    "pay": "running.paying",
    "Reach": "questions.reach",
    "reach": "questions.reach",
    "risk": "questions.risk",
    "Routes": "questions.routes_answer",
    "routes": "questions.routes",
    "Sensitivity": "questions.sensitivity",
    "TwoWay": "questions.sensitivity",
    "sensitivity": "questions.sensitivity",
    "simulate": "running.simulation",
    "DealSpace": "questions.deal_space",
    "Solution": "questions.solve",
    "deal_space": "questions.deal_space",
    "solve": "questions.solve",
    "Spread": "questions.spread",
    "spread": "questions.spread",
    "Stress": "questions.stress",
    "stress": "questions.stress",
}

__all__ = [
    "Books",
    "Comparison",
    "ContractSheet",
    "Convergence",
    "DealSpace",
    "Information",
    "Paid",
    "Problem",
    "Reach",
    "ReconciliationError",
    "Result",
    "RiskResult",
    "Routes",
    "Scenario",
    "ScenarioError",
    "Sensitivity",
    "SibmodelError",
    "Solution",
    "Spread",
    "Stress",
    "Summary",
    "TwoWay",
    "UnknownNameError",
    "appraise",
    "balances",
    "base_case",
    "cashflows",
    "change",
    "compare",
    "convergence",
    "deal_space",
    "evidence",
    "explain",
    "information",
    "inputs",
    "irr",
    "kept_trials",
    "ledgers",
    "load",
    "load_contract",
    "load_evidence",
    "loads",
    "loads_contract",
    "logs",
    "mirr",
    "pay",
    "reach",
    "risk",
    "routes",
    "sensitivity",
    "simulate",
    "solve",
    "spread",
    "stress",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `sibmodel --help` stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'sibmodel' has no attribute '{name}'")
    return getattr(import_module(f"sibmodel.{_HOME[name]}"), name)
