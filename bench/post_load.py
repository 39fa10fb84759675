"""Posts tasks as fast as they are accepted: ``python -m bench.post_load PORT CONNECTIONS SECONDS``.

Prints the accepted tasks a second and the p99 of the response time in milliseconds, as JSON. A
process of its own, on raw sockets, so that the client takes little of the server's CPU.
"""

import asyncio
import json
import sys
import time
from itertools import chain

import uvloop

from bench.benchmark import quantile

BODY = b'{"input":"Why is the sky blue at noon and red in the evening?"}'
REQUEST = (
    b"POST /v1/tasks HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b"
)
WARM_UP_S = 1.0


async def post(port: int, begin: float, end: float) -> list[float]:
    """Use one connection until ``end``; return the response times (ms) after ``begin``."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request, took_ms = REQUEST % (port, len(BODY), BODY), []
    while (now := time.monotonic()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        body = await reader.readexactly(int(length))
        assert head.startswith(b"HTTP/1.1 202"), head + body
        if now >= begin:
            took_ms.append(1000 * (time.monotonic() - now))
    writer.close()
    return took_ms


async def main(port: int, connections: int, seconds: float) -> None:
    """Run all connections at once."""
    begin = time.monotonic() + WARM_UP_S
    posts = (post(port, begin, begin + seconds) for _ in range(connections))
    took_ms = [*chain.from_iterable(await asyncio.gather(*posts))]
    print(json.dumps({"rate": len(took_ms) / seconds, "p99": quantile(took_ms, 0.99)}))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
