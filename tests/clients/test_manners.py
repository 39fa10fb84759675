"""Exit code 1 means that a task failed; every other failure is a sentence and a code of its own."""

import os
import subprocess
from pathlib import Path
from unittest.mock import patch

import pytest

from backburner import Client
from backburner.exit_codes import Exit
from tests.clients.answers import TASK_ID, task
from tests.clients.stub import Stub
from tests.clients.terminal import COMMAND, environment, run, run_in_terminal

pytestmark = pytest.mark.integration


def shell(url: str, script: str) -> tuple[int, str]:
    """The exit code of a line in bash, in which ``$B`` is the command, and its stderr."""
    done = subprocess.run(  # noqa: S603 -- our own command
        ["/bin/bash", "-c", script],
        env=environment(url, B=COMMAND),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr.decode()


# Streams


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        ("$B list >/dev/full", Exit.IO_ERROR, "Standard output: No space left on device.\n"),
        ("$B list >&-", Exit.IO_ERROR, "Standard output: It is closed.\n"),
        ("$B list 2>&-", Exit.OK, ""),
        ("$B list <&- >&- 2>&-", Exit.IO_ERROR, ""),
        ("$B dance 2>/dev/full", Exit.IO_ERROR, ""),
        ("$B submit - <&-", Exit.USAGE, "Invalid value for FILE: Standard input is closed.\n"),
        ("$B --help | true; exit ${PIPESTATUS[0]}", Exit.BROKEN_PIPE, ""),
        (r"$B show $'\xff'", Exit.USAGE, "Argument 2 is not UTF-8 text: '\\udcff'.\n"),
    ],
)
def test_a_stream_or_argument_that_cannot_be_used_is_named(
    stub: Stub, script: str, code: Exit, message: str
) -> None:
    stub.says({"data": [task()], "next_cursor": None})
    ended, err = shell(stub.url, script)
    assert ended == code
    assert err.partition("See:")[0] == message


@pytest.mark.parametrize("key", [b"\x04", b"\x03"])
def test_ctrl_d_and_ctrl_c_at_a_question_mean_no(stub: Stub, key: bytes) -> None:
    said = run_in_terminal(stub.url, "delete", TASK_ID, interrupt="[y/N]: ", with_key=key)
    assert said.code == Exit.NOT_ALLOWED
    assert stub.asked == []


def test_a_fault_of_the_program_shows_its_place_and_no_text(stub: Stub) -> None:
    with patch.object(Client, "get", side_effect=RuntimeError("the person's secret")):
        said = run(stub.url, "show", TASK_ID)
    assert said.code == Exit.PROGRAM_ERROR
    assert said.err.startswith("Fault in backburner: RuntimeError at mock.py:")
    assert "secret" not in said.err


# Input


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.json", b'{"input": NaN}', "It contains NaN, which JSON does not have."),
        ("a.json", b'{"input": 1e999}', "It contains a number that is too large."),
        ("a.json", b'{"input": "\\ud83d"}', r"It contains half a character: \ud83d without"),
        ("a.json", b"[" * 100_000, "It is nested too deeply."),
        ("a.json", b'{\n "input": }', "It is not valid JSON (line 2, column 11: Expecting value)."),
        ("a.md", b" \n", "It has no text."),
    ],
)
def test_what_cannot_be_sent_is_named(
    stub: Stub, tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)
    said = run(stub.url, "submit", str(tmp_path / name))
    assert said.code == 2
    assert said.err.startswith(f"Invalid value for FILE: {reason}")
    assert stub.asked == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_read_and_not_sent(stub: Stub, tmp_path: Path, encoding: str) -> None:
    stub.says(task(), 202)
    (tmp_path / "a.md").write_text("Für?", encoding=encoding)
    (tmp_path / "b.json").write_text('{"input": "Für?"}', encoding=encoding)
    for name, sent in (("a.md", "Für?"), ("b.json", '{"input":"Für?"}')):
        assert run(stub.url, "submit", str(tmp_path / name)).code == 0
        assert stub.asked[-1][3].decode() == sent


# The right option is blamed


@pytest.mark.parametrize(
    ("arguments", "env", "blamed"),
    [
        (["submit", "-", "--key", "ü"], {}, "--key"),
        (["submit", "-", "--developer", "@nowhere"], {}, "--developer"),
        (["export", TASK_ID, "-o", "nowhere/a.md"], {}, "--output"),
        (["delete", TASK_ID], {}, "--yes"),
        (["list"], {"BACKBURNER_TOKEN": "a\nb"}, "BACKBURNER_TOKEN"),
        (["list"], {"ALL_PROXY": "socks5://127.0.0.1:1"}, "ALL_PROXY, HTTP_PROXY, HTTPS_PROXY"),
        (["list"], {"NO_PROXY": "[::1]"}, "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY"),
        (["list"], {"SSL_CERT_FILE": "/nowhere"}, "SSL_CERT_FILE, SSL_CERT_DIR"),
    ],
)
def test_the_option_or_variable_at_fault_is_blamed(
    stub: Stub, arguments: list[str], env: dict[str, str], blamed: str
) -> None:
    url = "http://team.test" if env else stub.url
    said = run(url, *arguments, stdin="Why?", **env)
    assert said.code == 2
    assert said.err.startswith(f"Invalid value for {blamed}: ")


# Completion


def test_a_shell_completes_commands_and_options() -> None:
    def completed(line: str) -> set[str]:
        env = {"_BACKBURNER_COMPLETE": "complete_bash", "COMP_WORDS": line}
        said = run("", **env, COMP_CWORD=str(len(line.split()) - 1))
        return set(said.out.split())

    assert completed("backburner sub") == {"submit"}
    assert completed("backburner submit --dr") == {"--dry-run"}
    assert os.environ.get("COMP_WORDS") is None
