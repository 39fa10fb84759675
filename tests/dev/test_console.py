"""The output of several processes on one terminal."""

import io

from dev.console import Console


def test_each_line_has_its_aligned_name_and_its_bytes_unchanged() -> None:
    screen = io.BytesIO()
    console = Console(screen, colours=False)
    console.line("api", b"caf\xe9\r\n")
    console.line("simulator", b"two\n")
    console.say("three")
    assert screen.getvalue() == b"api       | caf\xe9\nsimulator | two\ndev       | three\n"


def test_colours_wrap_only_the_name() -> None:
    screen = io.BytesIO()
    Console(screen, colours=True).line("api", b"one\n")
    assert screen.getvalue() == b"\x1b[32mapi       |\x1b[0m one\n"


def test_a_closed_terminal_is_no_error() -> None:
    class Closed(io.BytesIO):
        def write(self, _text: object) -> int:
            raise BrokenPipeError

    Console(Closed(), colours=False).say("not shown")
