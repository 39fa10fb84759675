"""Renders one answer in a process that can be killed: JSON on stdin, HTML on stdout."""

import resource
import sys

import orjson

from services.api.rendering.markdown import render
from shared.openai.answer import Citation

_MAX_MEMORY = 1 << 30  # bytes; a kilobyte of table markup can expand to 65,000 cells


def main() -> None:
    """Render stdin; the resource limits end the process even if the API has died."""
    markdown, citations, cpu_seconds = orjson.loads(sys.stdin.buffer.read())
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    if sys.platform == "linux":  # other kernels do not enforce it
        _limit(resource.RLIMIT_AS, _MAX_MEMORY)
    html = render(markdown, [Citation(**citation) for citation in citations])
    sys.stdout.buffer.write(html.encode())


def _limit(kind: int, amount: int) -> None:
    resource.setrlimit(kind, (amount, amount))


if __name__ == "__main__":
    main()
