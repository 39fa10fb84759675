"""Configures the log of every process: one readable line or one JSON object an event."""

import logging
import re
import sys
from contextlib import suppress
from typing import Literal, TextIO

import structlog
from opentelemetry import trace


def configure(form: Literal["text", "json"]) -> None:
    """Send structlog's events and the libraries' warnings to standard error.

    No log call is given a conversation, an answer or a key.
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
        else [
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            _escape_controls,
            structlog.dev.ConsoleRenderer(colors=False, sort_keys=False),
        ]
    )
    # Past the standard library, which would double the cost of a line.
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
    """Writes one line an event. A line that cannot be written is lost."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def info(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")

    debug = warning = error = critical = info


def _name_trace(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Add the id of the current trace, if there is one, so that a line leads to its spans."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _escape_controls(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Escape text of other parties, which must neither look like a line nor control a terminal.

    An exception keeps its lines, indented: only they may begin with other than a time.
    """
    lines = {name: _escaped(value) for name, value in event.items() if isinstance(value, str)}
    if "exception" in event:
        lines["exception"] = "\n".join(
            f"  {_escaped(line)}" for line in event["exception"].splitlines()
        )
    return {**event, **lines}


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda control: control[0].encode("unicode_escape").decode(), text)
