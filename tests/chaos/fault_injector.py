"""Carries out the faults of a plan on real processes, and says of each whether it fired."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from urllib.parse import urlsplit

import httpx
import redis

from tests.chaos import plan
from tests.chaos.journal import Injection
from tests.chaos.plan import Fault, Plan
from tests.harness import PATIENCE, Installation, Process

SUBMIT_TIMEOUT_S = 4
"""Seconds; a claim's lease is ten more."""

STORE_AWAY = "cannot start: the store at REDIS_URL does not answer"

POLL_INTERVAL_S = 2.0
CREATE_DELAY_S = 1.5
"""Seconds that the provider takes to answer a POST, so that kills find many of them under way."""


def supervised(start: Callable[..., Process], *arguments: object, **settings: str) -> Process:
    """Start it as a supervisor would: again while it ends because the store is away."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return start(*arguments, **settings)
        except AssertionError as error:
            if STORE_AWAY not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.2)


@dataclass
class Cluster:
    """One of everything and several pollers, each locked so that faults do not overlap."""

    installation: Installation
    run_seconds: int
    stopping: Event
    injections: list[Injection] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    pollers: list[Process] = field(default_factory=list)
    locks: dict[str, Lock] = field(default_factory=dict)

    def start(self, agreed: Plan) -> None:
        """Everything up, each on a port that it keeps."""
        self.store = self._valkey(None)
        self.provider = self._simulator(None)
        self.pollers = [self._poller(number) for number in range(agreed.pollers)]
        self.api = self._api(None)
        self.locks = {name: Lock() for name in ("store", "provider", "api")}
        self.locks |= {f"poller {number}": Lock() for number in range(agreed.pollers)}

    def inject(self, fault: Fault) -> None:
        """Carry out one fault; it ends with the victim up again."""
        name, act = self._act(fault)
        with self.locks[name]:
            try:
                act(fault)
            except Exception as error:  # noqa: BLE001 -- whatever it was, the run failed
                self.unexpected.append(f"{fault.kind}: {type(error).__name__}: {error}"[:2000])

    def _act(self, fault: Fault) -> tuple[str, Callable[[Fault], None]]:
        match fault.kind:
            case plan.POLLER_KILLED | plan.POLLER_STOPPED:
                return f"poller {fault.target}", self._replace_poller
            case plan.POLLER_FROZEN:
                return f"poller {fault.target}", self._freeze
            case plan.STORE_FROZEN:
                return "store", self._freeze
            case plan.API_KILLED:
                return "api", self._replace_api
            case plan.STORE_KILLED:
                return "store", self._replace_store
            case plan.PROVIDER_KILLED:
                return "provider", self._replace_provider
            case _:
                return "provider", self._spoil_provider

    def _replace_poller(self, fault: Fault) -> None:
        victim = self.pollers[fault.target]
        if fault.kind == plan.POLLER_STOPPED:
            since = time.time()
            code = victim.stop()
            self._note(fault, victim, since, fired=code == 0)
        else:
            self._kill(fault, victim)
        self.pollers[fault.target] = self._poller(fault.target)

    def _replace_api(self, fault: Fault) -> None:
        self._kill(fault, self.api)
        self.api = self._api(urlsplit(self.installation.api_url).port)

    def _replace_store(self, fault: Fault) -> None:
        """It counts as away until it answers again: what is due after is measured from there."""
        victim, since = self.store, time.time()
        victim.kill()
        self.stopping.wait(fault.seconds)
        self.store = self._valkey(self.installation.redis_port)
        self._note(fault, victim, since, fired=victim.popen.returncode == -signal.SIGKILL)

    def _replace_provider(self, fault: Fault) -> None:
        self._kill(fault, self.provider)
        self.stopping.wait(fault.seconds)
        self.provider = self._simulator(urlsplit(self.installation.simulator_url).port)

    def _kill(self, fault: Fault, victim: Process) -> None:
        under_way, posting = self._counts() if fault.kind == plan.POLLER_KILLED else (None, None)
        since = time.time()
        victim.kill()
        fired = victim.popen.returncode == -signal.SIGKILL
        self._note(fault, victim, since, fired=fired, under_way=under_way, posting=posting)

    def _freeze(self, fault: Fault) -> None:
        victim = self.store if fault.kind == plan.STORE_FROZEN else self.pollers[fault.target]
        since = time.time()
        victim.popen.send_signal(signal.SIGSTOP)
        state = os.waitid(os.P_PID, victim.popen.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        self.stopping.wait(fault.seconds)
        victim.popen.send_signal(signal.SIGCONT)
        fired = state is not None and state.si_code == os.CLD_STOPPED
        self._note(fault, victim, since, fired=fired)

    def _spoil_provider(self, fault: Fault) -> None:
        url = f"{self.installation.simulator_url}/control/faults"
        httpx.post(url, json=fault.provider_fault, timeout=10).raise_for_status()

    def _note(
        self,
        fault: Fault,
        victim: Process,
        since: float,
        *,
        fired: bool,
        under_way: int | None = None,
        posting: int | None = None,
    ) -> None:
        done = Injection(fault.kind, since, time.time(), victim.log.name, fired, under_way, posting)
        self.injections.append(done)

    def _counts(self) -> tuple[int | None, int | None]:
        """How many tasks are open, and how many are being POSTed; None while nobody can say."""
        server = redis.Redis.from_url(self.installation.redis_url, socket_timeout=0.3)
        try:
            open_, posting = (
                [server.zcard(f"backburner:status:{word}") for word in words]
                for words in (("queued", "submitting", "in_progress"), ("submitting",))
            )
        except redis.RedisError:
            return None, None
        finally:
            server.close()
        return sum(open_), sum(posting)

    def _valkey(self, number: int | None) -> Process:
        return self.installation.valkey(number, "--auto-aof-rewrite-percentage", "0")

    def _simulator(self, number: int | None) -> Process:
        return self.installation.simulator(
            number,
            BACKBURNER_SIMULATOR_RUN_SECONDS=str(self.run_seconds),
            BACKBURNER_SIMULATOR_CREATE_SECONDS=str(CREATE_DELAY_S),
        )

    def _poller(self, number: int) -> Process:
        return supervised(
            self.installation.poller,
            "tests.chaos.poller",
            BACKBURNER_DATA_DIR=str(self.installation.folder / f"poller-{number}"),
            BACKBURNER_POLL_INTERVAL=str(POLL_INTERVAL_S),
            BACKBURNER_SUBMIT_TIMEOUT=str(SUBMIT_TIMEOUT_S),
            BACKBURNER_POLL_TIMEOUT="3",
            BACKBURNER_LOG_FORMAT="json",
        )

    def _api(self, number: int | None) -> Process:
        return supervised(self.installation.api, number, BACKBURNER_MAX_OPEN_TASKS="100000")
