"""The command line separates results from messages and never shows a traceback."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from backburner.exit_codes import MEANINGS, Exit
from tests.clients.answers import TASK_ID, task
from tests.clients.stub import Stub
from tests.clients.terminal import COMMAND, environment, run, run_in_terminal, run_process
from tests.harness import free_port

pytestmark = pytest.mark.integration

DONE = task(
    status="completed",
    completed_at="2026-11-23T03:20:00Z",
    cost_usd=1.4289,
    output_text="# Title\n\n**Bold** \x1b[31mred [site](https://example.com/x)",
)


@pytest.fixture
def question(tmp_path: Path) -> str:
    path = tmp_path / "question.md"
    path.write_text("Why?")
    return str(path)


# Exit codes


def test_an_error_of_the_server_is_its_message_and_its_code(stub: Stub) -> None:
    stub.refuses(404, "task-not-found")
    said = run(stub.url, "show", TASK_ID)
    assert (said.code, said.out, said.err) == (4, "", "So.\n")


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("failed", 1), ("unconfirmed", 5)])
def test_waiting_exits_with_the_code_of_the_result(stub: Stub, status: str, code: int) -> None:
    stub.says(DONE | {"status": status})
    said = run(stub.url, "wait", TASK_ID)
    assert said.code == code
    commands = [line for line in said.err.splitlines() if line.startswith("  BACKBURNER_URL=")]
    actions = ["adopt", "retry", "abandon"] if status == "unconfirmed" else []
    assert [command.split()[2] for command in commands] == actions
    stub.says(DONE | {"status": status}, 202)
    assert run(stub.url, "submit", "-", "--wait", stdin="Why?").code == code


def test_a_server_that_is_unreachable_is_reported_at_once_and_exits_with_three() -> None:
    said = run(f"http://127.0.0.1:{free_port()}", "list")
    first = said.err.splitlines()[0]
    assert said.code == 3
    assert "does not answer" in first
    assert first.endswith("Trying again.")


def test_another_server_is_named_as_such(stub: Stub) -> None:
    stub.body, stub.kind = b"<html>Log in", "text/html"
    said = run(stub.url, "list")
    assert said.code == 3
    assert "not Backburner" in said.err


def test_every_exit_code_is_explained_by_help() -> None:
    said = run("", "--help")
    words = " ".join(said.out.split())
    assert said.code == 0
    assert set(MEANINGS) == set(Exit)
    assert all(f"{code:d}: {meaning}" in words for code, meaning in MEANINGS.items())


@pytest.mark.parametrize(
    ("url", "arguments", "message"),
    [
        ("", ["submit"], "FILE"),
        ("", ["list", "--limit", "0"], "--limit"),
        ("", ["dance"], "dance"),
        ("", ["list", "--loud"], "--loud"),
        ("nonsense", ["list"], "BACKBURNER_URL"),
        ("", ["delete", TASK_ID], "--yes"),
    ],
)
def test_a_wrong_command_exits_with_two(url: str, arguments: list[str], message: str) -> None:
    said = run(url, *arguments)
    assert said.code == 2
    assert message in said.err


# JSON


@pytest.mark.parametrize("name", ["show", "wait", "cancel", "retry", "abandon"])
def test_json_is_the_only_document_on_stdout(stub: Stub, name: str) -> None:
    stub.says(DONE)
    said = run(stub.url, name, TASK_ID, "--json")
    assert json.loads(said.out) == DONE
    assert said.code == 0


@pytest.mark.parametrize("name", ["list", "wait", "cancel", "export"])
def test_with_json_an_error_is_its_problem_document(stub: Stub, name: str) -> None:
    errors = [{"field": "a", "message": "b"}, {"field": "c", "message": "d"}]
    stub.refuses(422, "invalid-request", errors=errors)
    said = run(stub.url, name, *([] if name == "list" else [TASK_ID]), "--json")
    assert json.loads(said.out)["errors"] == errors
    assert said.err == "So.\n  a: b\n  c: d\n"


# Lists


def test_a_list_reads_pages_up_to_its_limit(stub: Stub) -> None:
    stub.says({"data": [task()] * 100, "next_cursor": "9"})
    said = run(stub.url, "list", "--limit", "250", "--json")
    assert len(json.loads(said.out)["data"]) == 300  # the stub ignores the limit
    assert [path.partition("?")[2] for _, path, _, _ in stub.asked] == [
        "limit=100",
        "limit=100&cursor=9",
        "limit=50&cursor=9",
    ]


def test_a_list_has_filters(stub: Stub) -> None:
    stub.says({"data": [], "next_cursor": None})
    times = ("--after", "2026-11-01", "--before", "2026-11-23T09:00:00Z")
    run(stub.url, "list", "--search", "heat", "--status", "failed", *times)
    ((_, path, _, _),) = stub.asked
    assert "status=failed&q=heat" in path
    assert "created_after=2026-11-01&created_before=2026-11-23T09%3A00%3A00Z" in path


@pytest.mark.parametrize("width", [20, 40, 200])
def test_an_id_is_never_cut_on_a_narrow_terminal(stub: Stub, width: int) -> None:
    stub.says({"data": [task(title="word " * 30)], "next_cursor": None})
    said = run_in_terminal(stub.url, "list", width=width)
    assert TASK_ID in said.out
    assert len(said.out.splitlines()) == 2
    assert ("…" in said.out) == (width < 200)


def test_a_list_in_a_pipe_has_one_task_a_line_whatever_its_title(stub: Stub) -> None:
    stub.says({"data": [DONE | {"title": "a\tb\nc\x1b[2J"}], "next_cursor": None})
    said = run(stub.url, "list")
    assert said.out == f"{TASK_ID}\tcompleted\t{DONE['created_at']}\t1.4289\ta b c[2J\n"


# Pipes and terminals


@pytest.mark.parametrize("env", [{}, {"FORCE_COLOR": "1"}])
def test_in_a_pipe_an_answer_is_unchanged(stub: Stub, env: dict[str, str]) -> None:
    stub.says(DONE)
    said = run(stub.url, "show", TASK_ID, "--answer", **env)
    assert said.out == f"{DONE['output_text']}\n"
    assert "cost $1.43" in said.err


def test_on_a_terminal_an_answer_is_rendered_and_cannot_control_it(stub: Stub) -> None:
    stub.says(DONE)
    said = run_in_terminal(stub.url, "show", TASK_ID, "--answer")
    assert "**Bold**" not in said.out
    assert "\x1b[1mBold" in said.out
    assert "\x1b[31mred" not in said.out
    assert "https://example.com/x" in said.out
    assert "\x1b]8" not in said.out


def test_no_color_is_honoured(stub: Stub) -> None:
    stub.says({"data": [DONE], "next_cursor": None})
    assert "\x1b[32m" in run_in_terminal(stub.url, "list").out
    assert "\x1b[32m" not in run_in_terminal(stub.url, "list", NO_COLOR="1").out


def test_a_closed_pipe_ends_it_silently(stub: Stub) -> None:
    stub.says({"data": [task()] * 100, "next_cursor": "9"})
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(  # noqa: S603 -- our own command
        [COMMAND, "list", "--limit", "1000"],
        env=environment(stub.url),
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_locale_without_unicode_is_no_error(stub: Stub) -> None:
    stub.says(DONE | {"title": "für 📌", "output_text": "für 📌"})
    latin = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    said = run_process(stub.url, "show", TASK_ID, "--answer", **latin)
    assert (said.code, said.out) == (0, "für 📌\n")
    assert run_in_terminal(stub.url, "show", TASK_ID, **latin).code == 0


# Submitting


def test_a_question_is_sent_as_markdown_under_its_key(stub: Stub, question: str) -> None:
    stub.says(task(), 202, Idempotent_Replayed="true")
    said = run(stub.url, "submit", question, "--title", "T", "--key", "mine")
    assert said.out == f"{TASK_ID}\n"
    assert "used before" in said.err
    ((method, path, headers, body),) = stub.asked
    assert (method, path, body) == ("POST", "/v1/tasks?title=T", b"Why?")
    assert headers["Idempotency-Key"] == "mine"
    assert headers["Content-Type"].startswith("text/markdown")


def test_a_developer_message_is_a_text_or_a_file_and_precedes_the_question(
    stub: Stub, question: str, tmp_path: Path
) -> None:
    stub.says(DONE, 202)
    (tmp_path / "role.txt").write_text("Be brief.")
    asked = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Why?"}]
    for given in ("Be brief.", f"@{tmp_path / 'role.txt'}"):
        assert run(stub.url, "submit", question, "--developer", given).code == 0
        assert json.loads(stub.asked[-1][3])["input"] == asked
    options = ("--continue", TASK_ID, "--developer", "Be brief.")
    assert run(stub.url, "submit", question, *options).code == 0
    sent = json.loads(stub.asked[-1][3])
    assert [each["role"] for each in sent["input"]] == ["user", "assistant", "developer", "user"]
    assert (sent["input"][2:], sent["parent_id"]) == (asked, TASK_ID)


def test_the_key_is_printed_only_if_the_task_may_exist(stub: Stub, question: str) -> None:
    stub.refuses(500, "internal-error")
    lost = run(stub.url, "submit", question)
    stub.says(["a garbled reply"])
    garbled = run(stub.url, "submit", question)
    for said, (*_, headers, _) in zip((lost, garbled), stub.asked, strict=True):
        assert said.code == 3
        assert f"--key {headers['Idempotency-Key']}" in said.err
    stub.refuses(422, "invalid-request")
    assert "--key" not in run(stub.url, "submit", question).err


def test_an_export_is_sent_unchanged_and_accepts_no_further_message(
    stub: Stub, tmp_path: Path
) -> None:
    stub.says(task(), 202)
    conversation, exported = tmp_path / "talk.md", tmp_path / "talk.json"
    conversation.write_text("<!-- backburner: user -->\nWhy?\n")
    exported.write_text('{"input": "Why?", "export": {"format": "backburner/1"}}')
    for path in (conversation, exported):
        for option in (("--developer", "Be brief."), ("--continue", TASK_ID)):
            assert run(stub.url, "submit", str(path), *option).code == 2
    assert stub.asked == []
    assert run(stub.url, "submit", str(exported)).code == 0
    assert json.loads(stub.asked[0][3]) == json.loads(exported.read_text())


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", b"[1]"), ("b.json", b"{"), ("c.md", b"\xff\xff"), ("d", None)]
)
def test_an_unreadable_file_exits_with_two(
    stub: Stub, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert run(stub.url, "submit", str(tmp_path / name)).code == 2
    assert stub.asked == []


def test_only_a_task_with_an_answer_can_be_continued(stub: Stub, question: str) -> None:
    stub.says(task())
    assert run(stub.url, "submit", question, "--continue", TASK_ID).code == 2
    assert {method for method, *_ in stub.asked} == {"GET"}


# Deleting and exporting


def test_a_deletion_is_confirmed_and_prints_its_receipt(stub: Stub) -> None:
    assert run_in_terminal(stub.url, "delete", TASK_ID, keys="n\n").code == 5
    assert stub.asked == []
    stub.says({"id": TASK_ID, "provider": {"message": "OpenAI deleted it."}, "here": "nothing"})
    assert run(stub.url, "delete", TASK_ID, "--yes").out == "OpenAI deleted it. Here: nothing.\n"
    assert json.loads(run(stub.url, "delete", TASK_ID, "--yes", "--json").out)["id"] == TASK_ID
    assert run_in_terminal(stub.url, "delete", TASK_ID, keys="y\n").code == 0


def test_the_ending_of_the_file_chooses_the_format_of_an_export(stub: Stub, tmp_path: Path) -> None:
    for name, form in (("a.json", "application/json"), ("a.md", "text/markdown")):
        run(stub.url, "export", TASK_ID, "-o", str(tmp_path / name))
        assert stub.asked[-1][2]["Accept"] == form
        assert (tmp_path / name).read_bytes() == stub.body
    run(stub.url, "export", TASK_ID, "--thread", "--format", "json")
    assert stub.asked[-1][1] == f"/v1/tasks/{TASK_ID}/thread/export"
    assert stub.asked[-1][2]["Accept"] == "application/json"
    assert run(stub.url, "export", TASK_ID, "-o", str(tmp_path / "no" / "a.md")).code == 2


# Environment


def test_loopback_needs_no_proxy_and_the_token_is_sent_but_not_shown(stub: Stub) -> None:
    stub.refuses(401, "bad-token")
    proxy = f"http://127.0.0.1:{free_port()}"
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), proxy)
    said = run(stub.url, "list", BACKBURNER_TOKEN="s3cret", **proxies)
    assert stub.asked[0][2]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in said.out + said.err
