"""The mutations: each removes one protection from the code, and its test must then fail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """In ``file`` the text ``original``, which occurs once, becomes ``mutated``.

    ``row`` is that of docs/reliability.md and ``claim`` what no longer holds. pytest's ``-k``
    selects the row's tests in ``tests/`` by ``selector``.
    """

    row: int
    claim: str
    file: str
    original: str
    mutated: str
    tests: str
    selector: str


PROVIDER = "faults/test_provider.py"
WORKERS = "faults/test_workers.py"
CLIENTS = "faults/test_client_faults.py"
REDIS = "faults/test_redis.py"
SUBMISSION = "services/poller/decisions/submission.py"
CHANGE = "shared/store/scripts/change.lua"

ALL = (
    Mutation(
        4,
        "a claim whose lease is over is in doubt",
        "services/poller/decisions/sweep.py",
        "return changes.mark_unconfirmed(task, LEASE_EXPIRED)",
        "return changes.requeue(task, 0)",
        WORKERS,
        "row_04",
    ),
    Mutation(
        8,
        "the answer is written by the script that writes the status",
        CHANGE,
        "redis.call('SET', keys.response, blobs.response)",
        "local _ = blobs.response",
        WORKERS,
        "row_08 and around_the_end",
    ),
    Mutation(
        9,
        "a sweep finds what is overdue",
        "services/poller/periodic/sweeper.py",
        "await self.sweep()",
        "pass",
        WORKERS,
        "row_09",
    ),
    Mutation(
        10,
        "a poll that is not the next of its chain does nothing",
        "shared/store/scripts/start_poll.lua",
        "#fields > 0 and not is_stale()",
        "#fields > 0",
        WORKERS,
        "row_10",
    ),
    Mutation(
        13,
        "a poller that is told to stop finishes what it has in hand",
        "services/poller/worker/runner.py",
        "await asyncio.wait(unfinished, timeout=drain_s)",
        "await asyncio.wait(unfinished, timeout=0)",
        WORKERS,
        "row_13",
    ),
    Mutation(
        15,
        "a claim is compared with what is remembered outside the store",
        CHANGE,
        "if change.mark then\n  local id",
        "if false then\n  local id",
        "faults/test_rollback.py",
        "row_15 and sent_before_a_rollback",
    ),
    Mutation(
        17,
        "a store that is not safe is refused",
        "shared/store/requirements.py",
        "if found and not unsafe_accepted:",
        "if False and not unsafe_accepted:",
        REDIS,
        "row_14_and_17",
    ),
    Mutation(
        18,
        "a write counts once the replicas have it",
        "shared/store/replicas.py",
        "return max(self.online, self.floor)",
        "return 0",
        "faults/test_failover.py",
        "row_18_what_a_replica_does_not_have",
    ),
    Mutation(
        23,
        "429 is waited for as long as it asks",
        SUBMISSION,
        "max(retry_after_ms(reply.headers, now) or 0, back_off(task.attempts))",
        "back_off(task.attempts)",
        PROVIDER,
        "row_23",
    ),
    Mutation(
        24,
        "a 5xx proves nothing",
        SUBMISSION,
        "if ambiguous or not HTTPStatus(400) <= status < HTTPStatus(500):",
        "if status >= HTTPStatus(500):\n        return SubmitLater(1_000, 'again')\n"
        "    if ambiguous or not HTTPStatus(400) <= status < HTTPStatus(500):",
        PROVIDER,
        "row_24",
    ),
    Mutation(
        25,
        "a POST without an answer is not made again",
        SUBMISSION,
        "        case NoReply(reason):\n",
        '        case NoReply(reason):\n            return SubmitLater(1_000, "none", reason)\n',
        PROVIDER,
        "row_25",
    ),
    Mutation(
        28,
        "the SDK makes no retries of its own",
        "services/poller/provider/client.py",
        "max_retries=0",
        "max_retries=2",
        PROVIDER,
        "row_28",
    ),
    Mutation(
        29,
        "a 404 in mid-run has a grace",
        "services/poller/decisions/poll_policy.py",
        "return 2 * self.interval_ms",
        "return -1",
        PROVIDER,
        "row_29_a_404_in_mid_run",
    ),
    Mutation(
        30,
        "a task has a deadline",
        "services/poller/decisions/poll.py",
        "if age > policy.deadline_ms:",
        "if age > 1e12:",
        PROVIDER,
        "row_30_what_never_ends",
    ),
    Mutation(
        32,
        "an answer is kept up to a limit",
        "services/poller/results.py",
        "MAX_BODY_BYTES = 16 *",
        "MAX_BODY_BYTES = 1600 *",
        PROVIDER,
        "row_32",
    ),
    Mutation(
        33,
        "a task over which workers break down is set aside",
        "services/poller/decisions/sweep.py",
        "FREE_ATTEMPTS = 5",
        "FREE_ATTEMPTS = 5_000",
        WORKERS,
        "row_33",
    ),
    Mutation(
        33,
        "no other task is set aside with it",
        "services/poller/worker/batch_worker.py",
        "return self._suspects if attempts >= SUSPECT_ATTEMPTS else nullcontext()",
        "return nullcontext()",
        "services/poller/worker/test_batch_worker.py",
        "suspects_run_one_at_a_time",
    ),
    Mutation(
        36,
        "an idempotency key is one task",
        "shared/store/scripts/insert.lua",
        "if keys.idempotency then\n  local known",
        "if false then\n  local known",
        CLIENTS,
        "row_36",
    ),
    Mutation(
        40,
        "the subscription of a client that disconnected is freed",
        "services/api/events/subscription.py",
        "self.left = True\n        self.wakeup.set()",
        "self.left = True",
        CLIENTS,
        "row_40",
    ),
    Mutation(
        42,
        "a script that is sent again is recognised",
        CHANGE,
        "if redis.call('HGET', record, 'change_token') == change.token then",
        "if false then",
        WORKERS,
        "row_42",
    ),
    Mutation(
        43,
        "a data directory is locked",
        "dev/lock.py",
        "fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "pass",
        REDIS,
        "row_43",
    ),
    Mutation(
        44,
        "a task stays with its provider",
        "services/poller/startup_check.py",
        'if (result.headers.get("server") == SIMULATOR) != (name == "simulator"):',
        "if False:",
        CLIENTS,
        "row_44_a_poller_at_the_wrong_provider",
    ),
    Mutation(
        45,
        "what no task could pass pauses all",
        "services/poller/decisions/pause.py",
        "    who, error = provider_name(provider), parse_error(reply)\n",
        "    return None\n    who, error = provider_name(provider), parse_error(reply)\n",
        PROVIDER,
        "row_45_what_no_task_could_pass",
    ),
    Mutation(
        46,
        "an event is written by the script that ends the task",
        CHANGE,
        "add_webhook_event(id, change.webhook_event, now)",
        "local _ = id",
        "services/poller/webhooks/test_turns.py",
        "row_46",
    ),
    Mutation(
        47,
        "a webhook goes to the address that was checked",
        "services/poller/webhooks/sender.py",
        "target.at(address),",
        'f"{target.scheme}://{target.authority}{target.path}",',
        "services/poller/webhooks/test_sender.py",
        "row_47",
    ),
)
