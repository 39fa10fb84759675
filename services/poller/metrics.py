"""What one poller counts, for Prometheus; no id, prompt or key is ever a label."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)

from services.poller.decisions.submission import (
    Decision,
    PauseSubmissions,
    Refused,
    SubmitLater,
    Submitted,
    Unconfirmed,
)
from shared import queue
from shared.domain.errors import InvalidSetting
from shared.domain.states import OPEN

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

PROVIDER_LATENCY = Histogram(
    "backburner_provider_request_duration_seconds",
    "How long a call to the provider took, answered or not.",
    ["operation"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45),
    registry=REGISTRY,
)
PROVIDER_ERRORS = Counter(
    "backburner_provider_errors_total",
    "Calls without a proper answer: an HTTP status, unsent, lost or too_large.",
    ["operation", "kind"],
    registry=REGISTRY,
)
SUBMISSIONS = Counter(
    "backburner_submissions_total",
    "Tasks that were to be sent, by what came of it.",
    ["outcome"],
    registry=REGISTRY,
)
POLLS = Counter(
    "backburner_polls_total",
    "Polls, by what they showed: still running, no proper answer, or the end.",
    ["outcome"],
    registry=REGISTRY,
)
RESCUES = Counter(
    "backburner_jobs_rescued_total",
    "Overdue tasks that the sweep brought back on their way, by state.",
    ["status"],
    registry=REGISTRY,
)
JOBS_FAILED = Counter(
    "backburner_jobs_failed_total",
    "Jobs that broke down over something nobody thought of; the log says what.",
    ["job"],
    registry=REGISTRY,
)

SUBMISSION_OUTCOMES: dict[type[Decision], str] = {
    Submitted: "started",
    SubmitLater: "later",
    PauseSubmissions: "paused",
    Refused: "refused",
    Unconfirmed: "unconfirmed",
}

# What has not happened yet is there as 0: the first time is a change, too.
for _outcome in SUBMISSION_OUTCOMES.values():
    SUBMISSIONS.labels(_outcome)
for _outcome in ("running", "unanswered", "ended", "given_up"):
    POLLS.labels(_outcome)
for _status in OPEN:
    RESCUES.labels(_status)
for _job in (queue.SUBMIT, queue.POLL, queue.ADOPT, queue.WEBHOOK, queue.DELETE):
    JOBS_FAILED.labels(_job)


def serve(host: str, port: int) -> None:
    """Answer scrapes from a thread of its own, so that a busy poller answers too.

    Raises InvalidSetting in words that say what to change.
    """
    try:
        start_http_server(port, host, REGISTRY)
    except OSError as error:
        raise InvalidSetting(
            f"{host}:{port} cannot be listened on ({error.strerror});"
            " choose another with BACKBURNER_METRICS_HOST and BACKBURNER_METRICS_PORT."
        ) from None
