"""The benchmarks in the order in which they run."""

from bench.benchmark import Benchmark
from bench.benchmarks import idle, in_flight, lists, page, pollers, polls, start, submit, throughput

ALL: dict[str, Benchmark] = {
    each.BENCHMARK.name: each.BENCHMARK
    for each in (polls, pollers, in_flight, submit, throughput, lists, page, idle, start)
}
