"""One answer's rendering, in a process that may be killed: JSON on stdin, HTML on stdout."""

import math
import resource
import sys

import orjson

from services.api.rendering.markdown import render
from shared.openai.response import Citation

_MAX_MEMORY = 1 << 30  # bytes; a kilobyte of table markup may ask for 65,000 cells


def main() -> None:
    """Render what stdin holds; the limits end it even when nobody is left to kill it."""
    markdown, citations, cpu_seconds = orjson.loads(sys.stdin.buffer.read())
    _limit(resource.RLIMIT_CPU, math.ceil(cpu_seconds))
    if sys.platform == "linux":  # elsewhere the kernel does not hold a process to it
        _limit(resource.RLIMIT_AS, _MAX_MEMORY)
    html = render(markdown, [Citation(**citation) for citation in citations])
    sys.stdout.buffer.write(html.encode())


def _limit(kind: int, amount: int) -> None:
    resource.setrlimit(kind, (amount, amount))


if __name__ == "__main__":
    main()
