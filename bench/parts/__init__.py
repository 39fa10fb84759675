"""The parts of the benchmark, in the order in which they run."""

from bench.part import Part
from bench.parts import (
    at_rest,
    idle,
    in_flight,
    lists,
    pollers,
    polls,
    spec_script,
    start,
    submit,
    throughput,
)

ALL: dict[str, Part] = {
    each.PART.name: each.PART
    for each in (
        polls,
        pollers,
        in_flight,
        spec_script,
        submit,
        throughput,
        lists,
        at_rest,
        idle,
        start,
    )
}
