"""A batch checks every line before it sends one, and asks no question twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from backburner.batch.lines import InvalidLines, read_lines
from backburner.batch.results import ResultFile
from backburner.batch.runner import MAX_KEY_CHARS, idempotency_key
from backburner.client import Task
from tests.clients.answers import task
from tests.clients.stub import Stub
from tests.clients.terminal import run

MODEL = "gpt-5-pro"
QUESTION = {"model": MODEL, "input": "Why?"}
ESTIMATE = {
    "duration_s": None,
    "cost_usd": {"p50": 1.5, "p90": 2},
    "message": "Usual.",
    "model": MODEL,
}


def line(custom_id: str = "q-1", body: Any = QUESTION, **more: Any) -> str:
    each = {"custom_id": custom_id, "method": "POST", "url": "/v1/responses", "body": body}
    return json.dumps(each | more)


def reasons(text: str) -> list[str]:
    with pytest.raises(InvalidLines) as refused:
        read_lines(text, MODEL)
    return refused.value.errors


# Lines


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not valid JSON (line 1, column 2"),
        ('{"custom_id": NaN}', "contains NaN"),
        ("[]", "is not a JSON object."),
        (line(priority=1), "has the unknown field priority."),
        (line(""), "needs a custom_id of 1 to 512 characters."),
        (line(method="GET"), "must have the method POST and the url /v1/responses."),
        (line(url="/v1/chat/completions"), "must have the method POST"),
        (line(body=None), "needs a body"),
        (line(body={"model": "gpt-4", "input": "Why?"}), "has body.model 'gpt-4', but this"),
        (line(body=QUESTION | {"tools": []}), "has body.tools: leave it out"),
        (line(body=QUESTION | {"store": True}), "has body.store: leave it out"),
        (line(body=QUESTION | {"stream": True}), "has body.stream True: leave it out."),
        (line(body=QUESTION | {"metadata": 1}), "has a body.metadata that is not an object."),
        (line(body=QUESTION | {"instructions": ""}), "needs text in body.instructions."),
        (line(body={"model": MODEL}), "needs body.input"),
        (line(body={"input": " "}), "needs text in body.input."),
        (line(body={"input": ["Why?"]}), "has a body.input[0] that is not a message."),
        (line(body={"input": [{"role": "bot"}]}), "has a body.input[0].role that is not user,"),
        (
            line(body={"input": [{"role": "user", "content": [{"type": "input_image"}]}]}),
            "has a part in body.input[0].content that is not text.",
        ),
        (
            line(body={"input": [{"role": "assistant", "content": "So."}]}),
            "ends with a message that is not the user's.",
        ),
        (line(body={"input": "x" * 2**22}), "has a conversation of more than 4 MiB."),
        (line("q-0"), "repeats the custom_id of line 1."),
    ],
)
def test_a_line_that_cannot_be_sent_is_named_by_its_number(text: str, reason: str) -> None:
    (error,) = reasons(f"{line('q-0')}\n\n{text}\n")
    assert error.startswith(f"Line 3 {reason}")


def test_every_invalid_line_is_named_up_to_a_limit() -> None:
    errors = reasons("{\n" * 30)
    assert [error.partition(" is")[0] for error in errors[:2]] == ["Line 1", "Line 2"]
    assert errors[-1] == "… and 10 more lines."
    assert reasons("\n") == ["The file has no lines."]


def test_roles_parts_and_instructions_become_our_messages() -> None:
    parts = [{"type": "input_text", "text": "Wh"}, {"type": "input_text", "text": "y?"}]
    body = {
        "instructions": "Be brief.",
        "input": [{"role": "system", "content": "Rhyme."}, {"role": "user", "content": parts}],
        "user": "ann",
        "background": True,
    }
    (parsed,) = read_lines(line(body=body), None)
    assert [(each["role"], each["content"]) for each in parsed.messages] == [
        ("developer", "Be brief."),
        ("developer", "Rhyme."),
        ("user", "Why?"),
    ]


@pytest.mark.parametrize(
    ("custom_id", "key"),
    [("q-1", "in/q-1"), ("ü", "in/sha256-"), ("x" * 300, "in/sha256-"), ("q ", "in/sha256-")],
)
def test_the_key_of_a_line_fits_into_a_header(custom_id: str, key: str) -> None:
    found = idempotency_key("in", custom_id)
    assert found.startswith(key)
    assert found.isascii()
    assert len(found) <= MAX_KEY_CHARS


# Results


def test_a_result_has_openais_shape_and_a_torn_line_is_dropped(tmp_path: Path) -> None:
    lines = read_lines(f"{line('a', QUESTION | {'metadata': {'mine': '1'}})}\n{line('b')}", MODEL)
    path = tmp_path / "out.jsonl"
    done, failed = (
        Task.from_json(task(status=status, client_request_id="r-1", error=error))
        for status, error in (("completed", None), ("failed", {"code": "quota", "message": "No."}))
    )
    answer = {"id": "resp_1", "output": [{"text": "a\u2028b"}], "metadata": {"task_id": "t"}}
    with ResultFile(path, lines) as results:
        results.append(lines[0], done, answer)
        results.append(lines[1], failed, None)
    path.write_bytes(path.read_bytes()[:-9])  # killed while it wrote
    with ResultFile(path, lines) as results:
        assert results.done == {"a"}
        results.append(lines[1], failed, None)
    first, second = map(json.loads, path.read_text().split("\n")[:-1])
    assert first["response"] == {
        "status_code": 200,
        "request_id": "r-1",
        "body": answer | {"metadata": {"mine": "1", "task_id": "t"}},
    }
    assert (first["id"], first["custom_id"], first["error"]) == (done.id, "a", None)
    assert (second["response"], second["error"]) == (None, {"code": "quota", "message": "No."})


def test_an_output_of_other_questions_or_in_use_is_refused(tmp_path: Path, stub: Stub) -> None:
    stub.says(ESTIMATE)
    path, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_text(line())
    lines = read_lines(path.read_text(), MODEL)
    with ResultFile(output, lines) as results:
        said = run(stub.url, "batch", str(path), "-o", str(output), "--yes")
        assert (said.code, "Another batch is writing" in said.err) == (2, True)
        results.append(lines[0], Task.from_json(task(status="completed")), {})
    path.write_text(line(body={"input": "Who?"}))
    said = run(stub.url, "batch", str(path), "-o", str(output), "--yes")
    assert said.code == 2
    assert "Line 1 had another body when" in said.err
    output.write_text("{}\n")
    said = run(stub.url, "batch", str(path), "-o", str(output), "--yes")
    assert "line 1, is not a result" in said.err
    assert {method for method, *_ in stub.asked} == {"GET"}


# Before it starts


def test_the_price_of_all_lines_is_shown_and_confirmed_first(tmp_path: Path, stub: Stub) -> None:
    stub.says(ESTIMATE)
    path, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_text("\n".join(line(f"q-{number}") for number in range(300)))
    said = run(stub.url, "batch", str(path), "-o", str(output), "--dry-run")
    assert said.code == 0
    assert "300 questions, 0 have their results already." in said.err
    assert "Together usually $450.00, rarely over $600.00. Usual." in said.err
    assert not output.exists()
    refused = run(stub.url, "batch", str(path), "-o", str(output))
    assert (refused.code, "add --yes" in refused.err) == (2, True)
    path.write_text("{\n[")
    said = run(stub.url, "batch", str(path), "-o", str(output), "--yes")
    assert said.code == 2
    assert "Line 1 is not" in said.err
    assert "Line 2 is not" in said.err
    assert run(stub.url, "batch", "-", "-o", "x", stdin=line()).code == 2
    assert {method for method, *_ in stub.asked} == {"GET"}
