"""Measures whether response times reveal another owner's task or part of a token.

``python -m bench.timing_leak`` sends two kinds of calls in random order. The last column is the
probability that the first kind takes longer than the second: 0.5 is chance.
"""

import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import httpx

from services.api.auth.token import digest
from tests.harness import Installation, eventually

ROUNDS = 3_000
ALICE, BOB = f"bb_{secrets.token_hex(21)}", f"bb_{secrets.token_hex(21)}"

Call = Callable[[], httpx.Response]


def seconds(call: Call, status: int) -> float:
    """Return the duration of the call."""
    began = time.perf_counter()
    reply = call()
    took = time.perf_counter() - began
    assert reply.status_code == status, reply.text
    return took


def longer(ones: list[float], others: list[float]) -> float:
    """Return the probability that one of the first takes longer than one of the others."""
    ranked = sorted(chain(((each, 1) for each in ones), ((each, 0) for each in others)))
    ranks = sum(rank for rank, (_, first) in enumerate(ranked) if first)
    return (ranks - len(ones) * (len(ones) - 1) / 2) / (len(ones) * len(others))


def compare(name: str, status: int, one: Call, other: Call) -> None:
    """Measure both kinds of calls and print a row of the table."""
    ones: list[float] = []
    others: list[float] = []
    turns = [(one, ones), (other, others)]
    for _ in range(ROUNDS):
        random.shuffle(turns)
        for call, taken in turns:
            taken.append(seconds(call, status))
    medians = [statistics.median(each) * 1e6 for each in (ones, others)]
    print(f"{name:<44}{medians[0]:>8.0f}{medians[1]:>8.0f}{longer(ones, others):>8.3f}")


def main() -> None:
    """Start an API with two tokens, and print the table."""
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as place:
        place.valkey()
        tokens = Path(folder) / "tokens.toml"
        tokens.write_text(
            "".join(
                f'[tokens.{name}]\nsha256 = "{digest(secret.encode())}"\n'
                "requests_per_minute = 1000000\n"
                for name, secret in (("alice", ALICE), ("bob", BOB))
            )
        )
        place.api(BACKBURNER_TOKENS_FILE=str(tokens))
        with httpx.Client(base_url=place.api_url) as client:
            alice = {"Authorization": f"Bearer {ALICE}"}
            body = {"input": "A long question. " * 1000}
            made = client.post("/v1/tasks", json=body, headers=alice).json()["id"]
            eventually(lambda: client.get("/v1/tasks", headers=alice).is_success, "ready")

            def ask(task_id: str, token: str, path: str = "") -> Call:
                headers = {"Authorization": f"Bearer {token}"}
                return lambda: client.get(f"/v1/tasks/{task_id}{path}", headers=headers)

            none = f"task_{secrets.token_hex(16)}"
            print(f"{'median, microseconds; share of longer ones':<44}{'one':>8}{'other':>8}")
            compare("none, none (noise)", 404, ask(none, BOB), ask(none, BOB))
            compare("another's task, none", 404, ask(made, BOB), ask(none, BOB))
            compare(
                *("another's thread, none", 404),
                *(ask(made, BOB, "/thread"), ask(none, BOB, "/thread")),
            )
            wrong = "zz_" + "y" * 42
            compare("token all wrong, all wrong (noise)", 401, ask(made, wrong), ask(made, wrong))
            near, far = ALICE[:-1] + "!", "zz_" + "z" * 42
            compare("token nearly right, all wrong", 401, ask(made, near), ask(made, far))


if __name__ == "__main__":
    main()
