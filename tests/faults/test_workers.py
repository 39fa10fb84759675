"""Workers and the API at their worst: killed, frozen and stopped at every step, with clocks off."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from threading import Thread

import httpx
import orjson
import pytest

from services.poller.decisions.sweep import FREE_ATTEMPTS, MAX_ATTEMPTS
from shared.queue import Job, poll_job
from tests.chaos.aof_history import commands, histories
from tests.harness import Installation, Process, eventually, free_port, http
from tests.lossy_proxy import LossyProxy

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SHORT = {"BACKBURNER_SUBMIT_TIMEOUT": "1"}
"""A claim's lease is then 11 s."""


def prepared(installation: Installation, run_seconds: float = 0.5) -> Installation:
    """Everything but a poller."""
    installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS=str(run_seconds))
    installation.api()
    return installation


def died(process: Process) -> None:
    """It was killed by its own failpoint."""
    assert process.popen.wait(30) == -signal.SIGKILL


def stopped(process: Process) -> None:
    """It has frozen itself."""
    state = os.waitid(os.P_PID, process.popen.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    assert state is not None
    assert state.si_code == os.CLD_STOPPED


def resume(process: Process) -> None:
    process.popen.send_signal(signal.SIGCONT)


def hand_in(installation: Installation, key: str) -> httpx.Response | None:
    """POST a task under an idempotency key; None if the API died over it."""
    try:
        return http.post(
            f"{installation.api_url}/v1/tasks",
            json={"input": "Are you there?"},
            headers={"Idempotency-Key": key},
            timeout=30,
        )
    except httpx.HTTPError:
        return None


@pytest.mark.parametrize(("row", "loss"), [(1, "request held"), (2, "reply held")])
def test_row_01_and_02_an_api_that_dies_before_or_after_the_record_is_written(
    installation: Installation, row: int, loss: str
) -> None:
    prepared(installation)
    installation.poller()
    installation.ended(installation.submit("Is the script known?")["id"])
    direct = installation.redis_url
    with LossyProxy(installation.redis_port) as proxy:
        installation.redis_url = proxy.url
        api = installation.api()
        installation.redis_url = direct
        fired = proxy.spoil(loss, b"EVALSHA")  # type: ignore[arg-type]  # -- one of its words
        client = Thread(target=hand_in, args=(installation, "once"))
        client.start()
        assert fired.wait(10)
        api.kill()
        client.join(10)
    installation.api()

    tasks = http.get(f"{installation.api_url}/v1/tasks").json()["data"]
    assert len(tasks) == row
    again = hand_in(installation, "once")
    assert again is not None
    assert again.status_code == 202
    assert (again.json()["id"] == tasks[0]["id"]) == (row == 2)
    assert installation.ended(again.json()["id"])["status"] == "completed"
    assert len(installation.ledger()) == 2


def test_row_03_a_worker_killed_before_its_claim_has_sent_nothing(
    installation: Installation,
) -> None:
    prepared(installation)
    poller = installation.failing_poller("before claim")
    task_id = installation.submit("Who takes me?")["id"]
    died(poller)
    assert installation.ledger() == []

    installation.poller()

    assert installation.ended(task_id, patience=90)["status"] == "completed"
    assert installation.failed("before claim") == 1
    assert len(installation.posts(task_id)) == 1


def test_row_04_a_worker_killed_after_its_claim_leaves_a_doubt_and_no_post(
    installation: Installation,
) -> None:
    step = "before post"
    prepared(installation)
    poller = installation.failing_poller(step, **SHORT)
    task_id = installation.submit("Was I sent?")["id"]
    died(poller)

    installation.poller()

    task = installation.until(task_id, "unconfirmed")
    assert installation.failed(step) == 1
    assert task["error"]["code"] == "unconfirmed"
    assert installation.posts(task_id) == []


def test_row_05_a_worker_killed_before_the_id_is_stored_leaves_a_doubt_and_one_post(
    installation: Installation,
) -> None:
    step = "before start"
    prepared(installation)
    poller = installation.failing_poller(step, **SHORT)
    task_id = installation.submit("Was I taken?")["id"]
    died(poller)

    installation.poller()

    installation.until(task_id, "unconfirmed")
    assert installation.failed(step) == 1
    assert [entry["status"] for entry in installation.posts(task_id)] == [200]


def test_row_05_a_webhook_attaches_the_answer_whose_id_was_never_stored(
    installation: Installation,
) -> None:
    secret = {"OPENAI_WEBHOOK_SECRET": "whsec_" + "c2VjcmV0" * 4}
    port = free_port()
    installation.valkey()
    hook = f"http://127.0.0.1:{port}/v1/webhooks/openai"
    installation.simulator(
        BACKBURNER_SIMULATOR_RUN_SECONDS="14", BACKBURNER_SIMULATOR_WEBHOOK_URL=hook, **secret
    )
    installation.api(port, **secret)
    poller = installation.failing_poller("after post", **SHORT)
    task_id = installation.submit("Will they call?")["id"]
    died(poller)

    installation.poller()

    installation.until(task_id, "unconfirmed")
    assert installation.ended(task_id)["status"] == "completed"
    assert installation.failed("after post") == 1
    assert len(installation.posts(task_id)) == 1


def test_row_06_a_worker_killed_after_the_id_is_stored_leaves_a_living_chain(
    installation: Installation,
) -> None:
    prepared(installation)
    poller = installation.failing_poller("after start")
    task_id = installation.submit("Who polls me?")["id"]
    died(poller)
    assert installation.task(task_id)["status"] == "in_progress"

    installation.poller()

    assert installation.ended(task_id)["status"] == "completed"
    assert installation.failed("after start") == 1
    assert len(installation.posts(task_id)) == 1


@pytest.mark.parametrize("step", ["in poll", "before note", "after note"])
def test_row_07_a_task_whose_poller_is_killed_in_a_poll_is_polled_within_an_interval_and_10_s(
    installation: Installation, step: str
) -> None:
    prepared(installation, run_seconds=2)
    poller = installation.failing_poller(step)
    task_id = installation.submit("Are you done?")["id"]
    died(poller)
    killed_at = time.monotonic()
    before = installation.posts(task_id)[0]["retrieves"]

    installation.poller()

    eventually(lambda: installation.posts(task_id)[0]["retrieves"] > before, "the next poll")
    assert time.monotonic() - killed_at < 0.3 + 10
    assert installation.ended(task_id)["status"] == "completed"
    assert installation.failed(step) == 1
    assert len(installation.posts(task_id)) == 1


@pytest.mark.parametrize(
    ("step", "left_as"), [("before end", "in_progress"), ("after end", "completed")]
)
def test_row_08_a_worker_killed_around_the_end_leaves_answer_and_status_together(
    installation: Installation, step: str, left_as: str
) -> None:
    prepared(installation)
    poller = installation.failing_poller(step)
    task_id = installation.submit("How does it end?")["id"]
    died(poller)
    answer = f"{installation.api_url}/v1/tasks/{task_id}/response"
    assert installation.task(task_id)["status"] == left_as
    assert http.get(answer).is_success == (left_as == "completed")

    installation.poller()

    task = installation.ended(task_id)
    there = http.get(
        f"{installation.simulator_url}/v1/responses/{task['response_id']}",
        headers={"Authorization": "Bearer sk-simulator"},
    )
    assert task["status"] == "completed"
    assert http.get(answer).content == there.content
    assert installation.failed(step) == 1


def test_row_08_nothing_can_fall_between_answer_and_status_not_even_a_power_cut(
    running: Installation,
) -> None:
    """On disk both stand in one transaction, which the server reads back whole or not at all."""
    task_id = running.ended(running.submit("What is on disk?")["id"])["id"]
    record = f"backburner:task:{task_id}".encode()

    transactions: list[list[list[bytes]]] = [[]]
    (log,) = (running.folder / "valkey" / "appendonlydir").glob("*.incr.aof")
    with log.open("rb") as file:
        for command in commands(file):
            if command[0] == b"MULTI":
                transactions.append([])
            transactions[-1].append(command)

    ends = [
        commands
        for commands in transactions
        if any(word[:2] == [b"HSET", record] and b"completed" in word for word in commands)
    ]
    assert len(ends) == 1
    assert [b"SET", record + b":response"] in [command[:2] for command in ends[0]]
    assert ends[0][0] == [b"MULTI"]
    assert [b"EXEC"] in ends[0]


def test_row_09_the_sweep_restores_the_tasks_when_every_job_is_gone(
    installation: Installation,
) -> None:
    prepared(installation, run_seconds=3)
    installation.poller(BACKBURNER_POLL_INTERVAL="2")
    tasks = [installation.submit(f"Forgotten, {number}?")["id"] for number in range(3)]
    for task_id in tasks:
        installation.until(task_id, "in_progress")
    store = installation.store
    jobs = eventually(lambda: list(store.scan_iter("arq:job:*")), "jobs to delete")

    assert store.delete(*jobs, "backburner:queue:simulator") > 0

    assert {installation.ended(task_id)["status"] for task_id in tasks} == {"completed"}
    assert [len(installation.posts(task_id)) for task_id in tasks] == [1] * 3


def test_row_10_of_a_doubled_chain_one_advances(installation: Installation) -> None:
    prepared(installation, run_seconds=4)
    installation.poller(BACKBURNER_POLL_INTERVAL="1")
    installation.poller(BACKBURNER_POLL_INTERVAL="1")
    task_id = installation.submit("Twice?")["id"]
    installation.until(task_id, "in_progress")
    record = installation.store.hgetall(f"backburner:task:{task_id}")
    generation, polls = int(record[b"generation"]), int(record[b"polls"])
    doubles = 6
    for number in range(doubles):
        job = poll_job(task_id, generation, polls + 1, 0)
        enqueue(installation, Job(f"double:{number}", job.function, job.args, 0))

    task = installation.ended(task_id)

    assert task["status"] == "completed"
    assert not installation.store.exists(*(f"arq:job:double:{number}" for number in range(doubles)))
    assert task["polls"] <= 6
    assert installation.posts(task_id)[0]["retrieves"] <= task["polls"] + doubles


def enqueue(installation: Installation, job: Job) -> None:
    """Put a job into the queue behind the services' back."""
    installation.store.set(job.key, job.payload)
    installation.store.zadd("backburner:queue:simulator", {job.id: time.time() * 1000})


def test_row_11_a_worker_frozen_in_a_post_attaches_the_answer_when_it_wakes_up_late(
    installation: Installation,
) -> None:
    prepared(installation)
    frozen = installation.failing_poller("after post", "freeze", **SHORT)
    task_id = installation.submit("Still holding?")["id"]
    stopped(frozen)
    installation.poller()
    installation.until(task_id, "unconfirmed")

    resume(frozen)

    assert installation.ended(task_id)["status"] == "completed"
    assert installation.failed("after post") == 1
    assert len(installation.posts(task_id)) == 1


def test_row_11_a_worker_frozen_before_its_post_sends_nothing_once_its_lease_is_over(
    installation: Installation,
) -> None:
    prepared(installation)
    frozen = installation.failing_poller("before claim", "freeze", **SHORT)
    task_id = installation.submit("Asleep?")["id"]
    stopped(frozen)
    installation.poller()
    assert installation.ended(task_id, patience=90)["status"] == "completed"

    resume(frozen)

    assert frozen.stop() == 0
    assert installation.failed("before claim") == 1
    assert len(installation.posts(task_id)) == 1


@pytest.mark.parametrize("step", ["in poll", "before note", "before end"])
def test_row_11_what_a_worker_frozen_in_a_poll_writes_late_changes_nothing(
    installation: Installation, step: str
) -> None:
    prepared(installation, run_seconds=1)
    frozen = installation.failing_poller(step, "freeze")
    task_id = installation.submit("Are you late?")["id"]
    stopped(frozen)
    installation.poller()
    ended = installation.ended(task_id)

    resume(frozen)
    assert frozen.stop() == 0

    assert ended["status"] == "completed"
    assert installation.task(task_id) == ended
    assert installation.failed(step) == 1
    assert len(installation.posts(task_id)) == 1


def test_row_12_six_deploys_in_a_row_lose_and_double_nothing(installation: Installation) -> None:
    prepared(installation, run_seconds=6)
    installation.fault("slow_body", "create", times=3, seconds=2)
    tasks = []
    for number in range(6):
        poller = installation.poller()
        tasks += [installation.submit(f"Question {number}.{part}")["id"] for part in range(3)]
        assert poller.stop() == 0
    installation.poller()

    assert {installation.ended(task_id, 60)["status"] for task_id in tasks} == {"completed"}
    assert sorted(entry["metadata"]["task_id"] for entry in installation.ledger()) == sorted(tasks)
    assert installation.fired("slow_body") == 3


@pytest.mark.parametrize(
    ("fault", "seconds", "status"),
    [("accept_then_hang", 2, "in_progress"), ("accept_then_hang", 60, "unconfirmed")],
)
def test_row_13_sigterm_lets_a_post_finish_else_the_doubt_is_shown(
    installation: Installation, fault: str, seconds: int, status: str
) -> None:
    prepared(installation, run_seconds=60)
    poller = installation.poller(BACKBURNER_SUBMIT_TIMEOUT="3")
    installation.fault(fault, "create", seconds=seconds)
    task_id = installation.submit("May I finish?")["id"]
    eventually(lambda: installation.fired(fault) == 1, "the POST arrives")

    assert poller.stop() == 0

    assert installation.task(task_id)["status"] == status
    assert len(installation.posts(task_id)) == 1


@pytest.mark.parametrize("minutes", [5, -5])
def test_row_22_a_worker_whose_clock_is_off_polls_as_often_as_the_others(
    installation: Installation, minutes: int
) -> None:
    prepared(installation, run_seconds=5)
    skew = str(minutes * 60_000)
    poller = installation.failing_poller("", CLOCK_SKEW_MS=skew, BACKBURNER_POLL_INTERVAL="1")
    installation.poller(BACKBURNER_POLL_INTERVAL="1")
    tasks = [installation.submit(f"What time is it, {number}?")["id"] for number in range(4)]

    assert {installation.ended(task_id)["status"] for task_id in tasks} == {"completed"}
    assert f"ms={skew}" in poller.output
    polls = [entry["retrieves"] for entry in installation.ledger()]
    assert len(polls) == 4
    assert all(4 <= number <= 7 for number in polls)


def test_row_33_a_task_that_kills_its_workers_is_set_aside_and_no_other_suffers(
    installation: Installation,
) -> None:
    prepared(installation, run_seconds=3600)
    poison = installation.submit("Boo!")["id"]
    others = [
        installation.submit(f"Me too, {number}? [simulate: takes 20 s]")["id"]
        for number in range(5)
    ]

    def poller() -> Process:
        return installation.failing_poller(
            "before note", times=99, ready=False, FAILPOINT_TASK=poison
        )

    victim = poller()
    end = time.monotonic() + 120
    while not (aside := _aside(installation, poison)) and time.monotonic() < end:
        if victim.popen.poll() is not None:
            victim = poller()
        time.sleep(0.1)

    assert aside, "it is never set aside"
    assert installation.failed("before note") == FREE_ATTEMPTS
    assert {installation.ended(other)["status"] for other in others} == {"completed"}
    assert victim.popen.poll() is None
    assert installation.task(poison)["status"] == "in_progress", "what is paid for is not given up"

    installation.store.hset("backburner:job_starts:simulator", poison, MAX_ATTEMPTS)
    installation.store.zadd("backburner:sweep_queue:simulator", {poison: 0})
    task = installation.ended(poison)
    assert (task["status"], task["error"]["code"]) == ("failed", "poisoned")
    assert [len(installation.posts(task_id)) for task_id in (poison, *others)] == [1] * 6


def _aside(installation: Installation, task_id: str) -> bool:
    """Whether it is left alone for longer than any poll is apart here."""
    waits = installation.task(task_id)["next_poll_at"]
    if waits is None:
        return False
    return datetime.fromisoformat(waits) > datetime.now(UTC) + timedelta(seconds=20)


def test_row_34_a_job_that_only_another_version_knows_is_restored_by_the_sweep(
    installation: Installation,
) -> None:
    prepared(installation, run_seconds=1)
    poller = installation.poller(BACKBURNER_POLL_INTERVAL="3")
    task_id = installation.submit("Which version?")["id"]
    installation.until(task_id, "in_progress")
    (key,) = installation.store.scan_iter(f"arq:job:poll:{task_id}:*")
    job = orjson.loads(installation.store.get(key))
    name = next(field for field, value in job.items() if value == "poll")
    installation.store.set(key, orjson.dumps(job | {name: "poll_in_version_9"}))

    assert installation.ended(task_id)["status"] == "completed"
    assert "poll_in_version_9" in poller.output
    assert "overdue_task_rescheduled" in poller.output
    assert len(installation.posts(task_id)) == 1


def test_row_35_jobs_that_run_elsewhere_hide_none_that_wait(installation: Installation) -> None:
    """An idle worker of 10 jobs would by default look at 100 due ones; 120 are busy elsewhere."""
    busy = 120
    prepared(installation)
    crowded = installation.poller(BACKBURNER_CONCURRENCY=str(busy))
    installation.fault("accept_then_hang", "create", times=busy, seconds=25)
    tasks = [installation.submit(f"Question {number}")["id"] for number in range(busy)]
    eventually(lambda: installation.fired("accept_then_hang") == busy, "all are being sent")
    idle = installation.poller(BACKBURNER_CONCURRENCY="10")

    since = time.monotonic()
    late = installation.ended(installation.submit("And me?")["id"])
    assert time.monotonic() - since < 5
    assert late["status"] == "completed"
    assert late["id"] in idle.output

    assert crowded.popen.poll() is None
    assert {installation.until(task, "in_progress", "completed")["status"] for task in tasks}
    assert len(installation.ledger()) == busy + 1


@pytest.mark.parametrize("status", ["submitting", "in_progress", "completed"])
def test_row_42_a_script_whose_reply_was_lost_is_sent_again_and_does_nothing_twice(
    installation: Installation, status: str
) -> None:
    prepared(installation, run_seconds=1)
    direct = installation.redis_url
    with LossyProxy(installation.redis_port) as proxy:
        installation.redis_url = proxy.url
        poller = installation.poller()
        installation.redis_url = direct
        installation.ended(installation.submit("Is the script known?")["id"])
        fired = proxy.spoil("reply lost", f'"status":"{status}"'.encode())
        task = installation.ended(installation.submit("Say again?")["id"])

        assert fired.is_set()
        assert task["status"] == "completed"
        assert len(installation.posts(task["id"])) == 1
        assert history(installation, task["id"]) == [
            "queued",
            "submitting",
            "in_progress",
            "completed",
        ]
        assert poller.stop() == 0


def history(installation: Installation, task_id: str) -> list[str]:
    """The task's states as the store's log has them."""
    return histories(installation.folder / "valkey" / "appendonlydir")[task_id].statuses
