"""Real prose in the public domain, fetched when it is measured with: the King James Bible."""

import re
import subprocess
from pathlib import Path

from bench.benchmark import LeftOut

PACKAGES = ("bible-kjv", "bible-kjv-text")
"""Of Debian and Ubuntu; the text is kept in a form that only its own program reads."""


VERSES = 6
"""So many make a paragraph."""


def prose(folder: Path) -> str:
    """All of it, 4 MB, in paragraphs without verse numbers; unpacked in ``folder``, not installed.

    Raises LeftOut where it cannot be had.
    """
    try:
        _run(["apt-get", "download", *PACKAGES], folder)
        for package in folder.glob("*.deb"):
            _run(["dpkg-deb", "-x", str(package), "."], folder)
        program = ["usr/bin/bible", "-p", str(folder / "usr/lib"), "-f", "-l10000"]
        return paragraphs(_run([*program, "gen1:1-rev22:21"], folder))
    except (OSError, subprocess.SubprocessError) as error:
        reason = f"needs apt-get and a Debian mirror for its prose ({' '.join(PACKAGES)})"
        raise LeftOut(f"{reason}: {type(error).__name__}") from error


def paragraphs(text: str) -> str:
    """A text that has a verse a line, each after its number."""
    verses = re.findall(r"^\S+:\d+ (.+)$", text, re.MULTILINE)
    starts = range(0, len(verses), VERSES)
    return "\n\n".join(" ".join(verses[start : start + VERSES]) for start in starts)


def _run(argv: list[str], folder: Path) -> str:
    done = subprocess.run(argv, cwd=folder, capture_output=True, timeout=60, check=True)
    return done.stdout.decode()
