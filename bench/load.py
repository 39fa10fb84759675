"""Posts as fast as it is answered, over so many connections, and counts what was accepted.

``python -m bench.load PORT CONNECTIONS SECONDS`` prints how many were accepted in a second.
"""

import asyncio
import sys
import time

import uvloop

BODY = b'{"input":"Why is the sky blue at noon and red in the evening?"}'
REQUEST = (
    b"POST /v1/tasks HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b"
)
WARM = 1.0
"""Seconds before it counts."""


async def post(port: int, begin: float, end: float) -> int:
    """One connection: answers in time. Anything but 202 ends it with an error."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request, counted = REQUEST % (port, len(BODY), BODY), 0
    while (now := time.monotonic()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        length = lowered.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        body = await reader.readexactly(int(length))
        assert head.startswith(b"HTTP/1.1 202"), head + body
        counted += now >= begin
    writer.close()
    return counted


async def main(port: int, connections: int, seconds: float) -> None:
    """All connections at once."""
    begin = time.monotonic() + WARM
    posts = (post(port, begin, begin + seconds) for _ in range(connections))
    print(sum(await asyncio.gather(*posts)) / seconds)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
