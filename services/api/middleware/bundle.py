"""Has a script or a style sheet travel with all that it imports: a page waits for requests.

The files stand after one another, and but for their imports as they are. For that, an import has a
line to itself, and no two files that travel together have a name in common; the sources are held to
both by tests/frontend/bundle.test.js.
"""

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Any

Sources = Mapping[str, bytes]
"""By address."""

MAIN = "/scripts/main.js"
"""The page itself: what came with it, every later script has from there."""

_IMPORT = re.compile(rb'^(?:import (?:\{ (.*) \} from )?|@import )"(.*)";$', re.MULTILINE)
_LATER = re.compile(rb'(?<=\bimport\(")\.[^"]*')


def in_order(name: str, sources: Sources, known: set[str]) -> Iterator[str]:
    """A file after all that it imports, each once: the order in which a browser runs them."""
    known.add(name)
    for each in _IMPORT.finditer(sources[name]):
        if (other := _address(name, each[2])) not in known:
            yield from in_order(other, sources, known)
    yield name


def parts(name: str, sources: Sources) -> list[str]:
    """What travels as this file."""
    return [*in_order(name, sources, _of_main(sources) - {name} if name != MAIN else set())]


def bundle(name: str, sources: Sources) -> bytes:
    """All of it, every line where ``source_map`` has it."""
    together = parts(name, sources)
    return _taken(together, sources) + b"\n".join(_alone(part, sources[part]) for part in together)


def source_map(name: str, sources: Sources, written: Sources) -> dict[str, Any]:
    """By which a browser's tools show each line in the file that it was ``written`` in."""
    sections: list[dict[str, Any]] = []
    line = 0
    for part in parts(name, sources):
        count = sources[part].count(b"\n") + 1
        text = written[part].decode()
        each = {"version": 3, "names": [], "sources": [part], "sourcesContent": [text]}
        # Each line from its beginning: the first of the source, then always the next.
        each["mappings"] = "AAAA" + ";AACA" * (count - 1)
        sections.append({"offset": {"line": line, "column": 0}, "map": each})
        line += count
    return {"version": 3, "sections": sections}


def _of_main(sources: Sources) -> set[str]:
    return set(in_order(MAIN, sources, set())) if MAIN in sources else set()


def _taken(together: list[str], sources: Sources) -> bytes:
    """One import of all that is had from the page, on the line of what follows."""
    names = {
        taken
        for part in together
        for each in _IMPORT.finditer(sources[part])
        if each[1] and _address(part, each[2]) not in together
        for taken in each[1].split(b", ")
    }
    listed = b", ".join(sorted(names))
    return b'import { %s } from "%s"; ' % (listed, MAIN.encode()) if names else b""


def _alone(name: str, source: bytes) -> bytes:
    """Without its imports; what it brings later is named from the root."""
    return _LATER.sub(lambda each: _address(name, each[0]).encode(), _IMPORT.sub(b"", source))


def _address(importer: str, name: bytes) -> str:
    return normpath(join(dirname(importer), name.decode()))
