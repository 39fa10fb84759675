"""Parses a stream of server-sent events."""

from collections.abc import Iterable, Iterator


def parse(chunks: Iterable[bytes]) -> Iterator[dict[str, str]]:
    """Yield the fields of each event of a stream."""
    # Not splitlines: it also splits at U+2028, which a title may contain.
    rest, received = b"", dict[str, str]()
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            name, _, value = line.removesuffix(b"\r").decode().partition(":")
            if name:
                value = value.removeprefix(" ")
                more = name == "data" and name in received
                received[name] = f"{received[name]}\n{value}" if more else value
            elif not line.strip():
                if received:
                    yield received
                received = {}
