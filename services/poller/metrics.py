"""The Prometheus metrics of one poller. No id, prompt or key is ever a label."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)

from services.poller.decisions.pause import Pause
from services.poller.decisions.submission import (
    Decision,
    Refused,
    SubmitLater,
    Submitted,
    UnclearRefusal,
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
    "Duration of a call to the provider, answered or not.",
    ["operation"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45),
    registry=REGISTRY,
)
PROVIDER_ERRORS = Counter(
    "backburner_provider_errors_total",
    "Failed calls to the provider: an HTTP status, connect_failed, no_reply or body_too_large.",
    ["operation", "kind"],
    registry=REGISTRY,
)
SUBMISSIONS = Counter(
    "backburner_submissions_total",
    "Attempts to submit a task, by outcome.",
    ["outcome"],
    registry=REGISTRY,
)
POLLS = Counter(
    "backburner_polls_total",
    "Polls, by outcome: running, unanswered, ended or given_up.",
    ["outcome"],
    registry=REGISTRY,
)
POLLS_UNANSWERED = Counter(
    "backburner_polls_unanswered_total",
    "Polls without a usable answer, by reason: an HTTP status, unreadable, another_response, "
    "another_task, all_missing, other_account, connect_failed, no_reply or body_too_large.",
    ["reason"],
    registry=REGISTRY,
)
RESCUES = Counter(
    "backburner_jobs_rescued_total",
    "Overdue tasks that the sweep rescheduled, by status.",
    ["status"],
    registry=REGISTRY,
)
JOBS_FAILED = Counter(
    "backburner_jobs_failed_total",
    "Jobs that ended with an unexpected exception, which the log shows.",
    ["job"],
    registry=REGISTRY,
)
NOTIFICATIONS = Counter(
    "backburner_notifications_total",
    "Messages to people, by outcome: sent, failed (it is tried again), expired (too old).",
    ["outcome"],
    registry=REGISTRY,
)

WEBHOOK_DELIVERIES = Counter(
    "backburner_webhook_deliveries_total",
    "Attempts to deliver a webhook event, by outcome: delivered, retrying or given_up.",
    ["outcome"],
    registry=REGISTRY,
)
WEBHOOK_ENDPOINTS_DISABLED = Counter(
    "backburner_webhook_endpoints_disabled_total",
    "Webhook endpoints that were disabled: the receiver answered 410, or nothing for three days.",
    registry=REGISTRY,
)

SUBMISSION_OUTCOMES: dict[type[Decision], str] = {
    Submitted: "submitted",
    SubmitLater: "retry",
    Pause: "paused",
    UnclearRefusal: "retry",
    Refused: "refused",
    Unconfirmed: "unconfirmed",
}

# Every label exists as 0 from the start, so that rate() sees the first increase.
for _outcome in SUBMISSION_OUTCOMES.values():
    SUBMISSIONS.labels(_outcome)
for _outcome in ("running", "unanswered", "ended", "given_up"):
    POLLS.labels(_outcome)
for _outcome in ("sent", "failed", "expired"):
    NOTIFICATIONS.labels(_outcome)
for _status in OPEN:
    RESCUES.labels(_status)
for _outcome in ("delivered", "retrying", "given_up"):
    WEBHOOK_DELIVERIES.labels(_outcome)
for _job in (queue.SUBMIT, queue.POLL, queue.ADOPT, queue.WEBHOOK, queue.DELETE, "webhooks"):
    JOBS_FAILED.labels(_job)


def serve(host: str, port: int) -> None:
    """Answer scrapes in a thread, so that a busy poller answers too. Raises InvalidSetting."""
    try:
        start_http_server(port, host, REGISTRY)
    except OSError as error:
        raise InvalidSetting(
            f"The poller cannot listen on {host}:{port} ({error.strerror}). "
            "Change BACKBURNER_METRICS_HOST or BACKBURNER_METRICS_PORT."
        ) from None
