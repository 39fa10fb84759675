"""One way to log for every process: a line a person can read, or one JSON object a line."""

import logging
import re
import sys
from contextlib import suppress
from time import strftime
from typing import Literal, TextIO

import structlog
from opentelemetry import trace


def configure(form: Literal["text", "json"]) -> None:
    """Send structlog's lines and the libraries' warnings to standard error.

    Nothing ever hands a conversation, an answer or a key to a log call.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_trace,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
    ]
    rendering: list[structlog.typing.Processor] = (
        [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ]
        if form == "json"
        else [_line]
    )
    # Ours go straight to the stream: by way of the standard library a line costs twice as much.
    structlog.configure(
        processors=[*shared, *rendering],
        logger_factory=lambda *_: _Lines(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


class _Lines:
    """Writes a line at a time; as with the standard library, one that cannot be written is lost."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def info(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")

    debug = warning = error = critical = info


def _name_trace(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Add the trace that is under way, if there is one, by which a line leads to its spans."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event


def _line(_: object, __: str, event: structlog.typing.EventDict) -> str:
    """For a person: the time on his clock, what happened, and what else is known of it."""
    level, said, exception = event.pop("level"), event.pop("event"), event.pop("exception", "")
    rest = " ".join(f"{name}={_word(value)}" for name, value in event.items())
    head = f"{strftime('%H:%M:%S')} [{level:<9}] {said:<12} {rest}"
    lines = (head, *exception.splitlines())
    return "\n  ".join(_CONTROL.sub(_escaped, line) for line in lines)


def _word(value: object) -> str:
    return value if isinstance(value, str) and " " not in value else repr(value)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Text from elsewhere shall not pass for a line of its own, nor command a terminal."""


def _escaped(control: re.Match[str]) -> str:
    return control[0].encode("unicode_escape").decode()
