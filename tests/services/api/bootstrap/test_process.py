"""The API as a process: it starts from the environment and ends in order."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.harness import ROOT, Installation

pytestmark = pytest.mark.integration


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    """Run the API until it ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "services.api"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_beyond_loopback_it_needs_tokens(installation: Installation, tmp_path: Path) -> None:
    installation.valkey()
    (tmp_path / "broken.toml").write_text("[tokens.alice]\nsha256 = 'bb_secret'")
    store = {"REDIS_URL": installation.redis_url, "BACKBURNER_PORT": "0"}
    for words, settings in {
        "BACKBURNER_HOST=0.0.0.0 is not loopback": {"BACKBURNER_HOST": "0.0.0.0"},  # noqa: S104 -- refused
        "BACKBURNER_ALLOWED_HOSTS is set": {"BACKBURNER_ALLOWED_HOSTS": "backburner.example"},
        "BACKBURNER_TOKENS_FILE: it cannot be read": {"BACKBURNER_TOKENS_FILE": "none.toml"},
        "BACKBURNER_TOKENS_FILE: sha256 of alice": {
            "BACKBURNER_TOKENS_FILE": str(tmp_path / "broken.toml")
        },
    }.items():
        process = start(**store, **settings)
        assert process.returncode == 1
        assert process.stderr.startswith(f"The API cannot start: {words}")
        assert process.stderr.count("\n") == 1
        assert "bb_secret" not in process.stderr


def test_a_busy_port_or_an_unusable_setting_is_one_sentence(installation: Installation) -> None:
    installation.valkey()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        busy = start(REDIS_URL=installation.redis_url, BACKBURNER_PORT=port)
    away = start(REDIS_URL="redis://127.0.0.1:1/0")
    wrong = start(BACKBURNER_PORT="eighty")
    for process, words in (
        (busy, f"Cannot listen on 127.0.0.1:{port}"),
        (away, "the store at REDIS_URL does not answer"),
        (wrong, "BACKBURNER_PORT: "),
    ):
        assert process.returncode == 1
        assert process.stderr.startswith(f"The API cannot start: {words}")
        assert process.stderr.count("\n") == 1
        assert not process.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(number: signal.Signals, installation: Installation) -> None:
    installation.valkey()
    api = installation.api()
    assert api.stop(number) == 0
    assert "api_stopped" in api.output
    assert "Traceback" not in api.output


def test_who_is_cut_off_by_a_stop_is_told_to_send_it_again(installation: Installation) -> None:
    """And the log holds no traceback of it."""
    installation.valkey()
    api = installation.api()
    address = ("127.0.0.1", urlsplit(installation.api_url).port)
    with socket.create_connection(address, timeout=30) as slow:
        slow.sendall(
            b"POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n"
        )
        assert slow.recv(1_000).startswith(b"HTTP/1.1 100")
        assert api.stop() == 0
        reply = slow.makefile("rb").read()
    assert reply.startswith(b"HTTP/1.1 503")
    assert b"urn:backburner:problem:shutting-down" in reply
    assert b"retry-after" in reply
    assert b"content-security-policy" in reply
    assert "Traceback" not in api.output
