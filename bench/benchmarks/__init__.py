"""The parts of the benchmark, in the order in which they run."""

from bench.benchmark import Part
from bench.benchmarks import (
    idle,
    in_flight,
    lists,
    pollers,
    polls,
    spec_script,
    start,
    stored_size,
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
        stored_size,
        idle,
        start,
    )
}
