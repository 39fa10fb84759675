"""As much PromQL as says whether something is the case now: selectors, max and sum, comparisons."""

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass

import promql_parser as promql
from prometheus_client.parser import text_string_to_metric_families as families


@dataclass(frozen=True)
class Sample:
    """One value of a scrape; ``__name__`` is among the labels."""

    labels: dict[str, str]
    value: float


COMPARISONS = {
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def scrape(text: str, **labels: str) -> list[Sample]:
    """What a process exports, with the labels that Prometheus adds."""
    return [
        Sample({"__name__": sample.name, **labels, **sample.labels}, sample.value)
        for family in families(text)
        for sample in family.samples
    ]


def answer(expression: str, samples: Sequence[Sample]) -> list[Sample]:
    """The vector that the expression is now; an empty one is a No."""
    return _vector(promql.parse(expression), samples)


def selectors(expression: promql.Expr) -> list[promql.VectorSelector]:
    """All that the expression selects."""
    found = []
    promql.walk(
        expression,
        lambda node: found.append(node) if isinstance(node, promql.VectorSelector) else None,
    )
    return found


def _vector(expression: promql.Expr, samples: Sequence[Sample]) -> list[Sample]:
    match expression:
        case promql.VectorSelector():
            return [sample for sample in samples if _fits(expression, sample)]
        case promql.AggregateExpr():
            return _aggregate(expression, _vector(expression.expr, samples))
        case promql.BinaryExpr(rhs=promql.NumberLiteral(val=bound)):
            holds = COMPARISONS[str(expression.op)]
            vector = _vector(expression.lhs, samples)
            return [sample for sample in vector if holds(sample.value, bound)]
    raise NotImplementedError(expression.prettify())


def _fits(selector: promql.VectorSelector, sample: Sample) -> bool:
    if selector.name != sample.labels["__name__"]:
        return False
    for matcher in selector.matchers.matchers:
        value = sample.labels.get(matcher.name, "")
        kind = str(matcher.op).rpartition(".")[2]
        regular = kind in ("Re", "NotRe")
        fits = bool(re.fullmatch(matcher.value, value)) if regular else matcher.value == value
        if fits == kind.startswith("Not"):
            return False
    return True


def _aggregate(expression: promql.AggregateExpr, vector: Sequence[Sample]) -> list[Sample]:
    combine = {"max": max, "sum": sum}[str(expression.op)]
    names = expression.modifier.labels if expression.modifier else []
    groups: dict[tuple[str, ...], list[float]] = {}
    for sample in vector:
        key = tuple(sample.labels.get(name, "") for name in names)
        groups.setdefault(key, []).append(sample.value)
    return [
        Sample(dict(zip(names, key, strict=True)), combine(values))
        for key, values in groups.items()
    ]
