"""What every change of a record is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.problem import MIN_FAILED
from shared.domain.spending import LedgerDelta, outcome_of
from shared.domain.states import OPEN, PauseReason, Status, can_transition
from shared.domain.task import Task
from shared.domain.webhooks import EventType, WebhookEvent, event_id
from shared.openai.answer import is_answer
from shared.queue import Job

Field = str | int | None


@dataclass(frozen=True, slots=True)
class Change:
    """A compare-and-set: applied only while the record is as ``expect`` says.

    ``at`` are times in milliseconds from the server's now; ``None`` in ``put`` removes the field.
    ``due`` says when the sweep looks at the task should nothing happen before (None: never).
    ``visible`` changes count up the version. ``progress`` is False where the sweep only starts
    again what was started before. ``spend`` is micro-dollars of today, ``reserve`` those that the
    budget must still have room for; ``took`` are milliseconds that the task ran at the provider.
    ``exclusive``: the response id is only taken if it is not another task's.
    """

    task: Task
    after: Status
    expect: Mapping[str, Field]
    set_fields: Mapping[str, Field] = field(default_factory=dict)
    set_times: Mapping[str, int] = field(default_factory=dict)
    sweep_after: int | None = None
    job: Job | None = None
    visible: bool = True
    progress: bool = True
    response: bytes | None = None
    spend: int = 0
    reserve: int | None = None
    duration_ms: int | None = None
    exclusive: bool = False

    def __post_init__(self) -> None:
        if not can_transition(self.before, self.after):
            raise ValueError(f"{self.before} may not become {self.after}")

    @property
    def before(self) -> Status:
        """The state in which the task must still be."""
        return self.task.status

    @property
    def waits_for_budget(self) -> bool:
        """Whether the job that follows is tried sooner as soon as some of the budget is free."""
        return self.after is Status.QUEUED and self._then("paused") == PauseReason.BUDGET

    @property
    def waits_for_provider(self) -> bool:
        """Whether it has waited for the provider for some attempts, and for itself alone."""
        if self._then("problem_code") is None or self._then("paused") is not None:
            return False
        attempts = {Status.QUEUED: "attempts", Status.IN_PROGRESS: "failed_polls"}.get(self.after)
        return attempts is not None and int(self._then(attempts) or 0) >= MIN_FAILED

    @property
    def settled(self) -> bool:
        """Whether the task is not expected to cost anything more after it."""
        if self.after in OPEN:
            return self.after is Status.QUEUED
        watched = "watch_until" in self.set_times or self._then("watch_until") is not None
        return not (watched or self._being_sent)

    @property
    def booking(self) -> LedgerDelta | None:
        """What it adds to the ledger: the end of a task, its cost, or that nobody knows it."""
        outcome = outcome_of(self.after, self._text("error_code"))
        if outcome is None:
            return None
        at_provider = self._then("response_id") or self._then("ended_from") == Status.UNCONFIRMED
        priced = self._then("cost") is not None
        unpriced = self.settled and not priced and bool(at_provider)
        return LedgerDelta(outcome, self.spend, int(self.before in OPEN), int(unpriced), priced)

    @property
    def is_sample(self) -> bool:
        """Whether the next tasks may be expected to go as this one went."""
        whole = self.after in (Status.COMPLETED, Status.INCOMPLETE)
        return whole and self.before in OPEN

    @property
    def event(self) -> EventType | None:
        """The event that it is for webhook endpoints, if any."""
        if self.before is self.after:
            late = self.after not in OPEN and is_answer(self.set_fields.get("answer_kind"))
            return EventType.LATE_ANSWER if late else None
        try:
            return EventType(f"task.{self.after}")
        except ValueError:
            return None

    @property
    def webhook_event(self) -> WebhookEvent | None:
        """The same with what it says; the store knows the time."""
        if self.event is None:
            return None
        cost = self._then("cost")
        return WebhookEvent(
            event_id(self.task.id, self.event),
            self.event,
            0,
            self.task.id,
            self.after,
            self._text("error_code"),
            cost if isinstance(cost, int) else None,
        )

    @property
    def _being_sent(self) -> bool:
        """Whether it ended during a submission whose result is not recorded yet."""
        sending = self._then("ended_from") == Status.SUBMITTING
        return sending and self._then("response_id") is None

    def _then(self, name: str) -> Field:
        """A field of the record after the change."""
        value: Field = (
            self.set_fields[name] if name in self.set_fields else getattr(self.task, name)
        )
        return value

    def _text(self, name: str) -> str | None:
        value = self._then(name)
        return None if value is None else str(value)
