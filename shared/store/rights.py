"""The rights that Backburner needs in the store: every command, and a key of every pattern."""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha1, sha256
from inspect import isfunction, signature
from typing import Any

from redis.exceptions import NoPermissionError, OutOfMemoryError, ResponseError

from shared import queue
from shared.store import keys

MAX_NAMED = 5
"""Commands or patterns that one sentence names."""

IS_CLUSTER = (
    "it is a cluster, which keeps the keys of a task and of its job on different nodes, while one"
    " script must write them together: point REDIS_URL at a server without cluster mode"
    " (docs/managed-stores.md)"
)

EXPIRY_MS = 10_000
"""Milliseconds for which the keys of a trial live if nobody deletes them."""

SCRIPT = "return #ARGV"
"""Does nothing, so that a large argument takes no room in the append-only file."""

DIGEST = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()

Command = tuple[Any, ...]

_CLUSTER_ERRORS = ("MOVED ", "ASK ", "CROSSSLOT ", "CLUSTERDOWN ")
_REFUSED = re.compile(r"the '([\w|-]+)' command")
_UNKNOWN = re.compile(r"unknown (?:sub)?command '([\w|-]+)'")
_SAMPLE = "trial"


def commands(prefix: str) -> Sequence[Command]:
    """One call of every command, on keys that begin with ``prefix`` and are deleted by the last.

    tests/shared/store/test_trial.py compares them with what a whole run of everything uses.
    """
    text, moved, fields, scores, entries, members, stream = kinds = [
        f"{prefix}:{kind}" for kind in ("text", "moved", "hash", "zset", "list", "set", "stream")
    ]
    return [
        ("TIME",),
        ("DBSIZE",),
        ("SCRIPT", "LOAD", SCRIPT),
        ("SCAN", 0, "MATCH", prefix, "COUNT", 1),
        ("SET", text, 1, "PX", EXPIRY_MS),
        ("PSETEX", text, EXPIRY_MS, 1),
        ("INCR", text),
        ("INCRBY", text, 1),
        ("EXPIRE", text, EXPIRY_MS // 1000),
        ("GET", text),
        ("MGET", text),
        ("STRLEN", text),
        ("EXISTS", text),
        ("RENAMENX", text, moved),
        ("HSET", fields, "a", 1),
        ("PEXPIRE", fields, EXPIRY_MS),
        ("HSETNX", fields, "b", 1),
        ("HINCRBY", fields, "a", 1),
        ("HGET", fields, "a"),
        ("HMGET", fields, "a", "b"),
        ("HGETALL", fields),
        ("HEXISTS", fields, "a"),
        ("HLEN", fields),
        ("HDEL", fields, "b"),
        ("ZADD", scores, 1, "a"),
        ("PEXPIRE", scores, EXPIRY_MS),
        ("ZCARD", scores),
        ("ZCOUNT", scores, "-inf", "+inf"),
        ("ZSCORE", scores, "a"),
        ("ZRANGE", scores, 0, 0),
        ("ZRANGEBYSCORE", scores, "-inf", "+inf"),
        ("ZRANDMEMBER", scores, 1),
        ("ZREM", scores, "b"),
        ("ZREMRANGEBYSCORE", scores, 2, 2),
        ("LPUSH", entries, 1),
        ("PEXPIRE", entries, EXPIRY_MS),
        ("LTRIM", entries, 0, 0),
        ("LRANGE", entries, 0, 0),
        ("SADD", members, 1),
        ("PEXPIRE", members, EXPIRY_MS),
        ("SISMEMBER", members, 1),
        ("SMEMBERS", members),
        ("SREM", members, 2),
        ("XADD", stream, "*", "a", 1),
        ("PEXPIRE", stream, EXPIRY_MS),
        ("XRANGE", stream, "-", "+", "COUNT", 1),
        ("XREAD", "COUNT", 1, "STREAMS", stream, 0),
        ("MULTI",),
        ("GET", moved),
        ("EXEC",),
        ("EVALSHA", DIGEST, 1, text),
        ("DEL", *kinds),
    ]


def patterns(provider: str) -> Mapping[str, str]:
    """A key of every pattern in use, by the pattern."""
    found = list(queue.keys(provider, _SAMPLE))
    for value in vars(keys).values():
        if isinstance(value, str) and value.startswith(keys.PREFIX):
            found += {value} - {keys.PREFIX, keys.TRIAL}
        elif isfunction(value) and not value.__name__.startswith("_"):
            found += _samples(value, provider)
    return {_pattern(key): key for key in found}


def _samples(function: Any, provider: str) -> list[str]:  # noqa: ANN401 -- any of those in keys.py
    """Its key of the installation, and that of one owner if owners have their own."""
    parameters = signature(function).parameters.values()
    words = [provider if each.name == "provider" else _SAMPLE for each in parameters]
    required = [each for each in parameters if each.default is each.empty]
    return [function(*words), function(*words[: len(required)])]


def _pattern(key: str) -> str:
    for sample in (sha256(_SAMPLE.encode()).hexdigest(), _SAMPLE):
        key = key.replace(sample, "*")
    return key


def refusals(tried: Iterable[tuple[str, object]]) -> tuple[str, ...]:
    """What the store will refuse until somebody changes it.

    ``tried`` are pairs of the pattern of the key that was used, and the reply or the error.
    """
    # Dictionaries, because they keep the order and each name once.
    known: dict[str, bool] = {}
    rights: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for pattern, reply in tried:
        text = str(reply) if isinstance(reply, ResponseError) else ""
        if text.startswith(_CLUSTER_ERRORS):
            return (IS_CLUSTER,)
        if isinstance(reply, NoPermissionError) and (command := _REFUSED.search(text)):
            rights[command[1].upper().replace("|", " ")] = None
        elif command := _UNKNOWN.search(text):
            unknown[command[1].upper()] = None
        else:
            refused = isinstance(reply, NoPermissionError)
            known[pattern] = known.get(pattern, False) or refused
    own = [pattern for pattern in known if pattern.startswith(keys.PREFIX)]
    refused_patterns = [pattern for pattern, refused in known.items() if refused]
    if own and all(known[pattern] for pattern in own):
        refused_patterns = [f"{keys.PREFIX}*", *(set(refused_patterns) - set(own))]
    said = {
        "its user may not use the keys": refused_patterns,
        "its user may not run": list(rights),
        "it does not know": list(unknown),
    }
    return tuple(f"{words} {_listed(names)}" for words, names in said.items() if names)


def failure(replies: Iterable[object]) -> str | None:
    """Why the store takes no write just now; a full one is reported with its memory.

    The first error counts, since others follow from it.
    """
    first = next((reply for reply in replies if isinstance(reply, ResponseError)), None)
    return None if first is None or isinstance(first, OutOfMemoryError) else str(first)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMED
    listed = ", ".join(names[:MAX_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed
