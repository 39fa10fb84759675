"""Several processes on one terminal."""

import io

from dev.console import Console


def test_names_are_aligned() -> None:
    screen = io.BytesIO()
    console = Console(screen, colours=False)
    console.line("api", b"one\n")
    console.line("simulator", b"two\n")
    console.say("three")
    assert screen.getvalue() == b"api       | one\nsimulator | two\ndev       | three\n"


def test_colours_wrap_the_name_alone() -> None:
    screen = io.BytesIO()
    Console(screen, colours=True).line("api", b"one\n")
    assert screen.getvalue() == b"\x1b[32mapi       |\x1b[0m one\n"


def test_bytes_in_any_encoding_come_out_as_they_came_in() -> None:
    screen = io.BytesIO()
    Console(screen, colours=False).line("api", b"caf\xe9\r\n")
    assert screen.getvalue() == b"api       | caf\xe9\n"


def test_a_closed_terminal_is_no_error() -> None:
    class Closed(io.BytesIO):
        def write(self, _text: object) -> int:
            raise BrokenPipeError

    Console(Closed(), colours=False).say("to nobody")
