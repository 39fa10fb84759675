"""Scripts that choose how a response ends: ``[simulate: …]`` in the last user message."""

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.simulator.dialects import DIALECTS
from services.simulator.errors import ApiError

Answer = Literal["written", "empty", "huge", "refusal"]

_BRACKETS = re.compile(r"\[simulate:([^\]]*)\]", re.IGNORECASE)
_TIMED = re.compile(r"(takes|queued) (\d+(?:\.\d+)?) ?s")
_HUGE = re.compile(r"huge (\d{1,3}) ?MB", re.IGNORECASE)
_MAX_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True)
class Script:
    """The course of one response; ``ending`` is None if it never ends."""

    queued_seconds: float
    run_seconds: float
    working: str = "in_progress"
    ending: str | None = "completed"
    reason: str | None = None
    answer: Answer = "written"
    huge_megabytes: int = 50
    counts_usage: bool = True
    outlives_cancel: bool = False
    drops_mode: bool = False
    cached_input: bool = False
    long_input: bool = False
    refused: bool = False
    blocked: bool = False
    dialects: tuple[str, ...] = ()


_SCRIPTS: dict[str, dict[str, Any]] = {
    "failed": {"ending": "failed", "reason": "server_error"},
    "late quota": {"ending": "failed", "reason": "insufficient_quota"},
    "incomplete": {"ending": "incomplete", "reason": "max_output_tokens"},
    "content filter": {"ending": "incomplete", "reason": "content_filter"},
    "cancelled": {"ending": "cancelled"},
    "never ends": {"ending": None},
    "completes after cancel": {"outlives_cancel": True},
    "unknown status": {"working": "awaiting_capacity"},
    "slow queue": {"queued_seconds": 60.0},
    "empty": {"answer": "empty"},
    "huge": {"answer": "huge"},
    "refusal": {"answer": "refusal"},
    "null usage": {"counts_usage": False},
    "cached input": {"cached_input": True},
    "long input": {"long_input": True},
    "drops mode": {"drops_mode": True},
    "refused": {"refused": True},
    "blocked": {"blocked": True},
    "synchronous": {"queued_seconds": 0.0, "run_seconds": 0.0},
}


def parse_script(prompt: str, default: Script) -> Script:
    """Return the default with every script named in the prompt applied, left to right.

    Raises ApiError (400) for an unknown script, so that a typing error cannot pass a test.
    """
    script = default
    for words in _BRACKETS.findall(prompt):
        for name in words.split(","):
            script = _applied(script, " ".join(name.split()))
    return script


def strip_scripts(prompt: str) -> str:
    """Return the question without its scripts."""
    return _BRACKETS.sub("", prompt).strip()


def _applied(script: Script, name: str) -> Script:
    if name.lower() in DIALECTS:
        return replace(script, dialects=(*script.dialects, name.lower()))
    return replace(script, **_changes(name))


def _changes(name: str) -> dict[str, Any]:
    if timed := _TIMED.fullmatch(name.lower()):
        field = "run_seconds" if timed[1] == "takes" else "queued_seconds"
        return {field: min(float(timed[2]), _MAX_SECONDS)}
    if sized := _HUGE.fullmatch(name):
        return {"answer": "huge", "huge_megabytes": int(sized[1])}
    if name.lower() in _SCRIPTS:
        return _SCRIPTS[name.lower()]
    known = ", ".join([*_SCRIPTS, "takes N s", "queued N s", "huge N MB", *DIALECTS])
    raise ApiError(400, f"Unknown simulation '{name}'. Known: {known}.", "input")
