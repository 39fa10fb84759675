"""The output file of a batch: one line a result, kept whole through crashes and reruns."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from backburner import strict_json
from backburner.batch.lines import BatchLine, InvalidLines
from backburner.models import Task

if sys.platform != "win32":
    import fcntl


class OutputInUse(ValueError):
    """Another batch writes this file."""


class ResultFile:
    """Results in OpenAI's shape, appended as they come. ``done`` are the custom_ids in it.

    Raises OSError, OutputInUse, or InvalidLines where the file has results of other questions.
    """

    def __init__(self, path: Path, lines: Sequence[BatchLine]) -> None:
        self._file = path.open("a+b")
        try:
            self._lock(path)
            self.done = self._read(path, {line.custom_id: line for line in lines})
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, line: BatchLine, task: Task, response: Mapping[str, Any] | None) -> None:
        """Write the result of a task that has ended; ``response`` is OpenAI's object, if any."""
        self._write(result(line, task, response))
        self.done.add(line.custom_id)

    def _write(self, document: dict[str, Any]) -> None:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        self._file.write(f"{text}\n".encode())
        self._file.flush()

    def _lock(self, path: Path) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputInUse(f"Another batch is writing {path}.") from None

    def _read(self, path: Path, lines: Mapping[str, BatchLine]) -> set[str]:
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        # Not splitlines: it also splits at U+2028, which an answer may contain.
        done, errors, text = set[str](), [], data[:whole].decode(errors="replace")
        for number, content in enumerate(text.split("\n")[:-1], 1):
            custom_id, sha256 = _identity(content)
            if custom_id is None:
                errors.append(f"{path}, line {number}, is not a result of `backburner batch`.")
            elif custom_id in lines and lines[custom_id].body_sha256 != sha256:
                line = lines[custom_id].number
                errors.append(f"Line {line} had another body when {path} got its result.")
            else:
                done.add(custom_id)
        if errors:
            raise InvalidLines([*errors, "Choose another output file, and another --label."])
        if whole < len(data):  # a torn last line
            self._file.truncate(whole)
        return done & lines.keys()


def result(line: BatchLine, task: Task, response: Mapping[str, Any] | None) -> dict[str, Any]:
    """A result in the shape of OpenAI's Batch API; ``id`` is the task's."""
    document: dict[str, Any] = {"id": task.id, "custom_id": line.custom_id}
    if response is None:
        error = task.error or {"code": task.status, "message": f"The task is {task.status}."}
        document |= {"response": None, "error": {**error}}
    else:
        metadata = {**line.metadata, **(response.get("metadata") or {})}
        document["response"] = {
            "status_code": 200,
            "request_id": task.client_request_id,
            "body": {**response, "metadata": metadata},
        }
        document["error"] = None
    return document | {"body_sha256": line.body_sha256}


def _identity(content: str) -> tuple[str | None, str]:
    try:
        document = strict_json.parse(content)
    except ValueError:
        document = None
    match document:
        case {"custom_id": str(custom_id), "body_sha256": str(sha256)}:
            return custom_id, sha256
        case _:
            return None, ""
