"""The command line tells results from remarks, and never shows a traceback."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from backburner.exit_codes import MEANINGS, Exit
from tests.clients.answers import TASK_ID, task
from tests.clients.stub import Stub
from tests.clients.terminal import COMMAND, environment, run, run_in_terminal
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


def test_a_refusal_is_told_in_its_words_and_by_its_code(stub: Stub) -> None:
    stub.refuses(404, "task-not-found")
    said = run(stub.url, "show", TASK_ID)
    assert (said.code, said.out, said.err) == (4, "", "So.\n")


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("failed", 1), ("unconfirmed", 5)])
def test_waiting_ends_with_the_code_of_how_the_task_ended(
    stub: Stub, status: str, code: int
) -> None:
    stub.says(DONE | {"status": status})
    assert run(stub.url, "wait", TASK_ID).code == code


def test_submitting_and_waiting_ends_with_that_code_too(stub: Stub) -> None:
    stub.says(DONE | {"status": "incomplete"}, 202)
    assert run(stub.url, "submit", "-", "--wait", stdin="Why?").code == 1


def test_what_is_unconfirmed_is_never_sent_again_without_a_word_and_the_ways_out_are_shown(
    stub: Stub,
) -> None:
    stub.says(task(status="unconfirmed"))
    said = run(stub.url, "wait", TASK_ID)
    assert "may have been paid" in said.err
    ways = [line for line in said.err.splitlines() if line.startswith("  BACKBURNER_URL=")]
    assert [way.split()[2] for way in ways] == ["adopt", "retry", "abandon"]


def test_nobody_there_is_said_at_once_and_told_by_code_three() -> None:
    said = run(f"http://127.0.0.1:{free_port()}", "list")
    assert said.code == 3
    assert "does not answer" in said.err.splitlines()[0]
    assert said.err.splitlines()[0].endswith("Trying again.")


def test_an_address_that_is_none_is_a_mistake_of_usage() -> None:
    said = run("nonsense", "list")
    assert said.code == 2
    assert "BACKBURNER_URL" in said.err


def test_every_exit_code_is_explained_by_help() -> None:
    said = run("", "--help")
    words = " ".join(said.out.split())
    assert said.code == 0
    assert set(MEANINGS) == set(Exit)
    assert all(f"{code:d}: {meaning}" in words for code, meaning in MEANINGS.items())


@pytest.mark.parametrize(
    "arguments", [["submit"], ["show"], ["list", "--limit", "0"], ["dance"], ["list", "--loud"]]
)
def test_a_wrong_command_is_a_mistake_of_usage(arguments: list[str]) -> None:
    assert run("", *arguments).code == 2


# JSON


@pytest.mark.parametrize("name", ["show", "wait", "cancel", "retry", "abandon"])
def test_json_is_the_one_document_on_stdout(stub: Stub, name: str) -> None:
    stub.says(DONE)
    said = run(stub.url, name, TASK_ID, "--json")
    assert json.loads(said.out) == DONE
    assert said.code == 0


@pytest.mark.parametrize("name", ["list", "wait", "cancel", "export"])
def test_with_json_a_problem_is_its_document(stub: Stub, name: str) -> None:
    errors = [{"field": "a", "message": "b"}, {"field": "c", "message": "d"}]
    stub.refuses(422, "invalid-request", errors=errors)
    said = run(stub.url, name, *([] if name == "list" else [TASK_ID]), "--json")
    assert json.loads(said.out)["errors"] == errors
    assert said.err == "So.\n  a: b\n  c: d\n"


def test_a_list_gathers_pages_up_to_its_limit(stub: Stub) -> None:
    stub.says({"data": [task()] * 100, "next_cursor": "9"})
    said = run(stub.url, "list", "--limit", "250", "--json")
    assert len(json.loads(said.out)["data"]) == 300  # the stub gives more than it was asked for
    assert [path.partition("?")[2] for _, path, _, _ in stub.asked] == [
        "limit=100",
        "limit=100&cursor=9",
        "limit=50&cursor=9",
    ]


def test_a_list_is_narrowed_to_a_stretch_of_time(stub: Stub) -> None:
    stub.says({"data": [], "next_cursor": None})
    run(stub.url, "list", "--after", "2026-11-01", "--before", "2026-11-23T09:00:00Z")
    ((_, path, _, _),) = stub.asked
    assert "created_after=2026-11-01&created_before=2026-11-23T09%3A00%3A00Z" in path


# Pipes and terminals


def test_in_a_pipe_an_answer_comes_as_it_was_written(stub: Stub) -> None:
    stub.says(DONE)
    said = run(stub.url, "show", TASK_ID, "--answer")
    assert said.out == f"{DONE['output_text']}\n"
    assert "cost $1.43" in said.err


def test_on_a_terminal_it_is_rendered_and_can_command_nothing(stub: Stub) -> None:
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


def test_in_a_pipe_forced_colour_changes_no_answer(stub: Stub) -> None:
    stub.says(DONE)
    said = run(stub.url, "show", TASK_ID, "--answer", FORCE_COLOR="1")
    assert said.out == f"{DONE['output_text']}\n"


@pytest.mark.parametrize("width", [20, 40, 200])
def test_an_id_is_never_cut_however_narrow_the_terminal(stub: Stub, width: int) -> None:
    stub.says({"data": [task(title="word " * 30)], "next_cursor": None})
    said = run_in_terminal(stub.url, "list", width=width)
    assert TASK_ID in said.out
    assert len(said.out.splitlines()) == 2
    assert ("…" in said.out) == (width < 200)


def test_a_list_in_a_pipe_has_one_task_a_line_whatever_its_title_holds(stub: Stub) -> None:
    stub.says({"data": [DONE | {"title": "a\tb\nc\x1b[2J"}], "next_cursor": None})
    said = run(stub.url, "list")
    assert said.out == f"{TASK_ID}\tcompleted\t{DONE['created_at']}\t1.4289\ta b c[2J\n"


def test_a_reader_that_goes_away_ends_it_quietly(stub: Stub) -> None:
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


def test_a_locale_without_our_letters_stops_nothing(stub: Stub) -> None:
    stub.says(DONE | {"title": "für 📌", "output_text": "für 📌"})
    latin = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    said = run(stub.url, "show", TASK_ID, "--answer", **latin)
    assert (said.code, said.out) == (0, "für 📌\n")
    assert run_in_terminal(stub.url, "show", TASK_ID, **latin).code == 0


# Replies of something else


def test_a_server_that_is_no_backburner_is_named_as_such(stub: Stub) -> None:
    stub.body, stub.kind = b"<html>Log in", "text/html"
    said = run(stub.url, "list")
    assert said.code == 3
    assert "not Backburner" in said.err


# Submitting


def test_a_question_is_sent_as_markdown_under_a_key(stub: Stub, question: str) -> None:
    stub.says(task(), 202)
    said = run(stub.url, "submit", question, "--title", "T", "--key", "mine")
    assert said.out == f"{TASK_ID}\n"
    ((method, path, headers, body),) = stub.asked
    assert (method, path, body) == ("POST", "/v1/tasks?title=T", b"Why?")
    assert headers["Idempotency-Key"] == "mine"
    assert headers["Content-Type"].startswith("text/markdown")


def test_a_developer_message_comes_from_the_line_or_a_file(
    stub: Stub, question: str, tmp_path: Path
) -> None:
    stub.says(task(), 202)
    (tmp_path / "role.txt").write_text("Be brief.")
    for given in ("Be brief.", f"@{tmp_path / 'role.txt'}"):
        assert run(stub.url, "submit", question, "--developer", given).code == 0
    for *_, body in stub.asked:
        assert json.loads(body)["input"] == [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "Why?"},
        ]


def test_a_developer_message_of_a_follow_up_stands_before_its_question(
    stub: Stub, question: str
) -> None:
    stub.says(DONE, 202)
    options = ("--continue", TASK_ID, "--developer", "Be brief.")
    assert run(stub.url, "submit", question, *options).code == 0
    sent = json.loads(stub.asked[-1][3])
    assert [each["role"] for each in sent["input"]] == ["user", "assistant", "developer", "user"]
    assert sent["parent_id"] == TASK_ID


def test_a_key_used_before_is_told(stub: Stub, question: str) -> None:
    stub.says(task(), 202, Idempotent_Replayed="true")
    assert "used before" in run(stub.url, "submit", question, "--key", "mine").err


def test_when_nobody_knows_whether_it_was_taken_the_key_is_told(stub: Stub, question: str) -> None:
    stub.refuses(500, "internal-error")
    lost = run(stub.url, "submit", question)
    stub.says(["a garbled reply"])
    garbled = run(stub.url, "submit", question)
    for said, (*_, headers, _) in zip((lost, garbled), stub.asked, strict=True):
        assert said.code == 3
        assert f"--key {headers['Idempotency-Key']}" in said.err


def test_a_refused_question_needs_no_key(stub: Stub, question: str) -> None:
    stub.refuses(422, "invalid-request")
    assert "--key" not in run(stub.url, "submit", question).err


def test_an_exported_conversation_takes_no_further_message(stub: Stub, tmp_path: Path) -> None:
    conversation = tmp_path / "talk.md"
    conversation.write_text("<!-- backburner: user -->\nWhy?\n")
    exported = tmp_path / "talk.json"
    exported.write_text('{"input": "Why?"}')
    for path in (conversation, exported):
        assert run(stub.url, "submit", str(path), "--developer", "Be brief.").code == 2
        assert run(stub.url, "submit", str(path), "--continue", TASK_ID).code == 2
    assert stub.asked == []


def test_an_exported_object_is_handed_in_as_it_is(stub: Stub, tmp_path: Path) -> None:
    stub.says(task(), 202)
    exported = tmp_path / "talk.json"
    exported.write_text('{"input": "Why?", "export": {"format": "backburner/1"}}')
    assert run(stub.url, "submit", str(exported)).code == 0
    assert json.loads(stub.asked[0][3]) == json.loads(exported.read_text())


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", "[1]"), ("b.json", "{"), ("c.md", b"\xff\xfe"), ("d.md", None)]
)
def test_a_file_that_cannot_be_read_is_a_mistake_of_usage(
    stub: Stub, tmp_path: Path, name: str, content: str | bytes | None
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert run(stub.url, "submit", str(path)).code == 2
    assert stub.asked == []


def test_only_a_task_with_an_answer_can_be_continued(stub: Stub, question: str) -> None:
    stub.says(task())
    assert run(stub.url, "submit", question, "--continue", TASK_ID).code == 2
    assert {method for method, *_ in stub.asked} == {"GET"}


# Deleting and exporting


def test_nothing_is_deleted_without_a_word(stub: Stub) -> None:
    assert run(stub.url, "delete", TASK_ID).code == 2
    assert run_in_terminal(stub.url, "delete", TASK_ID, keys="n\n").code == 5
    assert stub.asked == []


def test_a_deletion_prints_its_receipt(stub: Stub) -> None:
    stub.says({"id": TASK_ID, "provider": {"message": "OpenAI deleted it."}, "here": "nothing"})
    assert run(stub.url, "delete", TASK_ID, "--yes").out == "OpenAI deleted it. Here: nothing.\n"
    assert json.loads(run(stub.url, "delete", TASK_ID, "--yes", "--json").out)["id"] == TASK_ID
    assert run_in_terminal(stub.url, "delete", TASK_ID, keys="y\n").code == 0


def test_an_export_has_the_form_that_its_file_ends_in(stub: Stub, tmp_path: Path) -> None:
    for name, form in (("a.json", "application/json"), ("a.md", "text/markdown")):
        run(stub.url, "export", TASK_ID, "-o", str(tmp_path / name))
        assert stub.asked[-1][2]["Accept"] == form
        assert (tmp_path / name).read_bytes() == stub.body
    run(stub.url, "export", TASK_ID, "--thread", "--format", "json")
    assert stub.asked[-1][1] == f"/v1/tasks/{TASK_ID}/thread/export"
    assert stub.asked[-1][2]["Accept"] == "application/json"


def test_an_export_that_cannot_be_written_is_a_mistake_of_usage(stub: Stub, tmp_path: Path) -> None:
    assert run(stub.url, "export", TASK_ID, "-o", str(tmp_path / "no" / "a.md")).code == 2


# Surroundings


def test_a_proxy_is_not_asked_for_this_machine(stub: Stub) -> None:
    stub.says({"data": [], "next_cursor": None})
    proxy = f"http://127.0.0.1:{free_port()}"
    assert run(stub.url, "list", HTTP_PROXY=proxy, http_proxy=proxy, ALL_PROXY=proxy).code == 0


def test_the_token_is_sent_and_never_shown(stub: Stub) -> None:
    stub.refuses(401, "bad-token")
    said = run(stub.url, "list", BACKBURNER_TOKEN="sekret")
    assert stub.asked[0][2]["Authorization"] == "Bearer sekret"
    assert "sekret" not in said.out + said.err
