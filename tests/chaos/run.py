"""One chaos run: act out the plan, let the system settle, gather the evidence."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx

from tests.chaos.aof_history import histories
from tests.chaos.clients import Clients
from tests.chaos.fault_injector import SUBMIT_TIMEOUT_S, Cluster
from tests.chaos.journal import Evidence, Hold
from tests.chaos.plan import Plan
from tests.chaos.poller import CLAIMING, SETTLED
from tests.harness import Installation

SETTLE_TIMEOUT_S = 90.0
"""Seconds beside the provider's own until every task must have ended or be unconfirmed."""


def run(plan: Plan, folder: Path) -> Evidence:
    """Real processes under ``folder``; all of them are gone when this returns."""
    stopping = Event()
    with Installation(folder) as installation:
        cluster = Cluster(installation, plan.run_seconds, stopping)
        clients = Clients(installation, stopping, plan.seed)
        workers = ThreadPoolExecutor(max_workers=100)
        try:
            cluster.start(plan)
            watching = workers.submit(clients.watch)
            pending = [workers.submit(act) for act in _in_time(_agenda(plan, cluster, clients))]
            for done in pending:
                done.result()
            tasks = clients.settled(plan.run_seconds + SUBMIT_TIMEOUT_S + SETTLE_TIMEOUT_S)
            stopping.set()
            watching.result()
            return _gather(plan, cluster, clients, tasks)
        finally:
            stopping.set()
            workers.shutdown(wait=True, cancel_futures=True)


Act = Callable[[], None]


def _agenda(plan: Plan, cluster: Cluster, clients: Clients) -> list[tuple[float, Act]]:
    submissions = [
        (at, lambda number=number: clients.submit(number))
        for number, at in enumerate(plan.submissions)
    ]
    faults = [(fault.at, lambda fault=fault: cluster.inject(fault)) for fault in plan.faults]
    return sorted([*submissions, *faults], key=lambda planned: planned[0])


def _in_time(agenda: list[tuple[float, Act]]) -> Iterator[Act]:
    start = time.monotonic()
    for at, act in agenda:
        time.sleep(max(0.0, start + at - time.monotonic()))
        yield act


def _gather(plan: Plan, cluster: Cluster, clients: Clients, tasks: dict[str, dict]) -> Evidence:
    installation = cluster.installation
    processes = [cluster.store, cluster.provider, cluster.api, *cluster.pollers]
    dead = [process.name for process in processes if process.popen.poll() is not None]
    ids = [task["response_id"] for task in tasks.values() if task["status"] == "completed"]
    return Evidence(
        planned=Counter(fault.kind for fault in plan.faults),
        wanted=len(plan.submissions),
        accepted=clients.accepted,
        tasks={task_id: installation.task(task_id) for task_id in tasks},
        kept=clients.kept,
        theirs={name: _theirs(installation, name) for name in ids},
        ledger=installation.ledger(),
        seen=clients.seen,
        history=histories(installation.folder / "valkey" / "appendonlydir"),
        provider_faults=httpx.get(f"{installation.simulator_url}/control/faults").json()["data"],
        injections=sorted(cluster.injections, key=lambda each: each.at),
        holds=list(_holds(installation)),
        unexpected=[*cluster.unexpected, *(f"ended by itself: {name}" for name in dead)],
        deleted={name: _deleted(installation, name) for name in clients.unwanted},
    )


def _deleted(installation: Installation, task_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.delete(f"{installation.api_url}/v1/tasks/{task_id}").json()
    response_id = answer.get("provider", {}).get("response_id", "")
    return answer | {"theirs": _theirs(installation, response_id)}


def _theirs(installation: Installation, response_id: str) -> bytes:
    return httpx.get(
        f"{installation.simulator_url}/v1/responses/{response_id}",
        headers={"Authorization": "Bearer sk-simulator"},
    ).content


def _holds(installation: Installation) -> Iterator[Hold]:
    """From the pollers' logs, who was submitting what and when."""
    for process in installation.processes:
        held: dict[str, float] = {}
        for line in process.output.splitlines() if process.name == "poller" else []:
            event = _event(line)
            if event.get("event") == CLAIMING:
                held.setdefault(event["task"], _seconds(event))
            elif event.get("event") == SETTLED and event["task"] in held:
                yield Hold(
                    event["task"], process.log.name, held.pop(event["task"]), _seconds(event)
                )
        for task_id, since in held.items():
            yield Hold(task_id, process.log.name, since, None)


def _event(line: str) -> dict[str, str]:
    try:
        event: dict[str, str] = json.loads(line)
    except ValueError:  # cut off by a SIGKILL
        return {}
    return event


def _seconds(event: dict[str, str]) -> float:
    return datetime.fromisoformat(event["timestamp"]).timestamp()
