"""The command line as people and scripts run it: a process, with or without a terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from threading import Timer
from unittest.mock import patch

import pytest

from backburner import output
from backburner.cli import main

ROOT = Path(__file__).parents[2]
COMMAND = str(ROOT / "backburner")


@dataclass(frozen=True)
class Said:
    """What a command wrote, and how it ended; from a terminal everything is ``out``."""

    code: int
    out: str
    err: str = ""


def environment(url: str, **more: str) -> dict[str, str]:
    """Nothing but what a shell has, so that nothing of the tests' own gets in."""
    base = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    return base | {"BACKBURNER_URL": url} | more


def run(url: str, *arguments: str, stdin: str | None = None, **env: str) -> Said:
    """A command in a pipe, within this process: starting another one takes half a second."""
    streams = {name: TextIOWrapper(BytesIO(), "utf-8") for name in ("stdout", "stderr")}
    streams["stdin"] = TextIOWrapper(BytesIO((stdin or "").encode()), "utf-8")
    output.stdout.cache_clear()
    output.stderr.cache_clear()
    with (
        patch.dict(os.environ, environment(url, **env), clear=True),
        patch.multiple(sys, argv=[COMMAND, *arguments], **streams),
        pytest.raises(SystemExit) as end,
    ):
        main()
    for stream in streams.values():
        stream.flush()
    out, err = (streams[name].buffer.getvalue().decode() for name in ("stdout", "stderr"))
    return Said(int(end.value.code or 0), out, err)


def run_process(url: str, *arguments: str, **env: str) -> Said:
    """A command in a pipe, as a process with its own locale."""
    done = subprocess.run(  # noqa: S603 -- our own command
        [COMMAND, *arguments],
        env=environment(url, **env),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def running_command(
    url: str, *arguments: str, stdin: str = "", **env: str
) -> Iterator["subprocess.Popen[str]"]:
    """A command while it runs."""
    read, write = os.pipe()
    os.write(write, stdin.encode())
    os.close(write)
    process = subprocess.Popen(  # noqa: S603 -- our own command
        [COMMAND, *arguments],
        env=environment(url, **env),
        stdin=read,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(read)
    with process:
        try:
            yield process
        finally:
            process.kill()


def run_in_terminal(
    url: str,
    *arguments: str,
    width: int = 80,
    keys: str = "",
    interrupt: str = "",
    with_key: bytes = b"\x03",
    **env: str,
) -> Said:
    """A command on a terminal of this width; ``with_key`` is typed when it shows ``interrupt``.

    A key typed between a prompt and its read can be lost: Linux drops a Ctrl-D that was typed
    before the prompt left line mode. So the key is typed again while the command says nothing.
    """
    process, terminal = pty.fork()
    if process == 0:  # the child, which only becomes the command
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        os.execve(COMMAND, [COMMAND, *arguments], environment(url, **env))  # noqa: S606 -- ours
    os.write(terminal, keys.encode())
    seen = b""
    overdue = Timer(60, os.kill, (process, signal.SIGKILL))
    overdue.start()
    typed = False
    with suppress(OSError):  # how Linux says that the other side is closed
        while True:
            spoke = bool(select.select([terminal], [], [], 1)[0])
            seen += os.read(terminal, 65536) if spoke else b""
            if interrupt and interrupt.encode() in seen and not (typed and spoke):
                os.write(terminal, with_key)
                typed = True
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    overdue.cancel()
    assert b"Traceback" not in seen, seen.decode()
    return Said(os.waitstatus_to_exitcode(status), seen.decode().replace("\r\n", "\n"))
