"""Every form of the log takes an event, an error and a library's warning."""

import json
import logging
from collections.abc import Iterator
from errno import ENOSPC
from io import StringIO
from typing import Literal

import pytest
import structlog

from shared.runtime import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Logging as it was: the configuration belongs to the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def log_everything(form: Literal["text", "json"]) -> None:
    logs.configure(form)
    log = structlog.get_logger("services.test")
    log.info("submitted", task="task_1")
    log.error("job failed", exc_info=RuntimeError("boom"))
    logging.getLogger("a.library").warning("careful, %s", "friend")
    logging.getLogger("a.library").info("too much")


def test_the_text_form_shows_events_errors_and_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    log_everything("text")
    lines = capsys.readouterr().err
    assert "submitted" in lines
    assert "task_1" in lines
    assert "RuntimeError: boom" in lines
    assert "careful, friend" in lines
    assert "too much" not in lines


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log_everything("json")
    submitted, failed, careful = map(json.loads, capsys.readouterr().err.splitlines())
    assert (submitted["event"], submitted["task"], submitted["level"]) == (
        "submitted",
        "task_1",
        "info",
    )
    assert "RuntimeError: boom" in failed["exception"]
    assert careful["event"] == "careful, friend"


def test_a_full_disk_does_not_stop_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is logged was done, and its answer is worth more than its line."""

    class Full(StringIO):
        tried = 0

        def write(self, _: str) -> int:
            Full.tried += 1
            raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("sys.stderr", Full())
    logs.configure("text")
    structlog.get_logger("services.test").info("submitted")
    assert Full.tried


HOSTILE = "x\n08:00:00 [error] forged\r\x1b[2J\x9b2J\u2028y"


@pytest.mark.parametrize("form", ["text", "json"])
def test_text_from_elsewhere_is_no_line_of_its_own_and_commands_no_terminal(
    form: Literal["text", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(form)
    log = structlog.get_logger("services.test")
    log.info("submitted", reason=HOSTILE)
    log.info(HOSTILE)
    logging.getLogger("a.library").warning("careful, %s", HOSTILE)
    log.error("job failed", exc_info=RuntimeError(HOSTILE))
    written = capsys.readouterr().err
    assert not set(written) & set("\r\x1b\x9b\u2028")
    lines = written.split("\n")
    assert not any(line.startswith("08:00:00 [error] forged") for line in lines)
    assert sum("forged" in line for line in lines) == 4
    if form == "json":
        assert len(lines) == 5
