"""Decides whether a refusal concerns every task, and what to do about it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from services.poller.decisions.error_response import ErrorBody, body_form, parse_error
from services.poller.results import CallResult, Reply
from shared.domain.provider_name import capitalized, provider_name
from shared.domain.states import PauseReason
from shared.openai.model import ACTIVE

MAX_QUOTE_CHARS = 300
"""The rest of the provider's sentence is cut where it stands within one of ours."""

QUOTED_CHARS = 12
"""Characters in a row that a sentence and a conversation hardly share unless it quotes that."""

QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})

REFUSED_TASKS = 3
"""So many tasks refused in a row say that the cause is not the text of one."""

_CALLER = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ENDPOINT = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_ACCOUNT_CODES = frozenset(
    {
        "insufficient_permissions",
        "ip_not_authorized",
        "model_not_found",
        "unsupported_country_region_territory",
    }
)
_ACCOUNT_WORDS = ("must be verified", "missing scopes", "insufficient permissions")


@dataclass(frozen=True, slots=True)
class Pause:
    """Why no task can be submitted: ``message`` is our advice, ``says`` the provider's sentence."""

    reason: PauseReason
    message: str
    says: str

    @property
    def text(self) -> str:
        """Both, for the task's owner."""
        return f"{self.message} {self.says}"

    def says_to_all(self, conversation: list[dict[str, Any]]) -> str:
        """The sentence for every owner: empty if it quotes the conversation."""
        return "" if _quotes(self.says, conversation) else self.says


def pause_reason(reply: Reply, provider: str) -> Pause | None:
    """Why no task at all can be submitted, with advice, or None if only this one is refused.

    A cause is named only if the provider's code says it; otherwise its own words are passed on.
    """
    who, error = provider_name(provider), parse_error(reply)
    says = quote(error, who) if error.readable else f"It names no reason ({body_form(reply)})."
    if _is_retired(error):
        return Pause(
            PauseReason.MODEL_RETIRED,
            f"{capitalized(who)} no longer offers {ACTIVE.name}. "
            "Change ACTIVE in shared/openai/model.py and restart all processes (docs/model.md).",
            says,
        )
    if reply.status in _CALLER and error.code == "invalid_api_key":
        return Pause(
            PauseReason.BAD_KEY,
            f"{capitalized(who)} refuses the API key ({reply.status} {error.code}). "
            "Set a valid OPENAI_API_KEY and restart the pollers.",
            says,
        )
    if {error.code, error.type} & QUOTA_CODES or reply.status == HTTPStatus.PAYMENT_REQUIRED:
        return Pause(
            PauseReason.QUOTA,
            f"The account at {who} has no quota left or cannot be billed ({error.code}). "
            "Add credit or raise its limit; submission then resumes.",
            says,
        )
    hint = " Does OPENAI_BASE_URL lack the /v1?" if reply.status in _ENDPOINT else ""
    account = "must be verified" in error.message
    if reply.status in _CALLER or account or (reply.status in _ENDPOINT and error.readable):
        return Pause(
            PauseReason.PROVIDER_REFUSES,
            f"{capitalized(who)}, or a gateway before it, refuses every task ({reply.status} "
            f"{error.code}).{hint} One task a minute tries again.",
            says,
        )
    return None


def may_concern_one_task(reply: Reply) -> bool:
    """Whether a refusal may be about the text of one task, as that of a gateway with a filter."""
    error = parse_error(reply)
    account = error.code in _ACCOUNT_CODES or any(
        words in error.message.lower() for words in _ACCOUNT_WORDS
    )
    return reply.status == HTTPStatus.FORBIDDEN and not account


def cause_for_all(
    refusal: Pause, preflight: CallResult, refused_tasks: int, provider: str
) -> Pause | None:
    """Why every task is refused and not only the one that met ``refusal``, or None.

    ``preflight`` is the result of a call without a task. ``refused_tasks`` were refused since the
    last one that was accepted. A key that may not read models is refused in other words.
    """
    if refused_tasks >= REFUSED_TASKS:
        return refusal
    pause = pause_reason(preflight, provider) if isinstance(preflight, Reply) else None
    unclear = pause and pause.reason is PauseReason.PROVIDER_REFUSES
    return None if pause and unclear and pause.message != refusal.message else pause


def quote(error: ErrorBody, who: str) -> str:
    """The provider's own words as a sentence of ours."""
    words = " ".join(error.message.split())
    cut = words if len(words) <= MAX_QUOTE_CHARS else f"{words[:MAX_QUOTE_CHARS]}…"
    return f"{capitalized(who)} says: “{cut}”"


def _is_retired(error: ErrorBody) -> bool:
    """OpenAI gives ``model_not_found`` also to a project or an organisation without access."""
    words = error.message.lower()
    return error.code == "model_deprecated" or (
        error.code == "model_not_found"
        and not any(other in words for other in ("must be verified", "not have access to model"))
    )


def _quotes(sentence: str, conversation: list[dict[str, Any]]) -> bool:
    """Whether the sentence repeats 14 characters or more of the conversation."""
    text = " ".join(orjson.dumps(conversation).decode().replace("\\n", " ").split())
    pieces = range(0, len(sentence) - QUOTED_CHARS + 1, QUOTED_CHARS // 4)
    return any(sentence[start : start + QUOTED_CHARS] in text for start in pieces)
