"""The dialects of servers that are only nearly the real service (docs/providers.md)."""

import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from services.simulator.delivery import Reply
from services.simulator.errors import ApiError

Json = dict[str, Any]

_PAGE = b"<!doctype html><title>Gateway</title><p>One moment, please.</p>"
_HTML = {"content-type": "text/html"}
_BARE_404 = Reply(404, b'{"detail":"Not Found"}')

NO_SUCH_URL = ApiError(404, "Not Found")
"""A route that the server lacks; every dialect says so as a web framework does."""


@dataclass(frozen=True)
class Dialect:
    """How a server differs; what is None is as in the real service.

    ``new_id`` makes a response's id of a token. ``response`` changes the object in every reply,
    ``retrieved`` only in that to a GET, ``sent`` the whole reply to a GET, ``error`` each error
    reply. ``without`` names operations that answer 404.
    """

    new_id: Callable[[str], str] | None = None
    response: Callable[[Json], Json] | None = None
    retrieved: Callable[[Json], Json] | None = None
    sent: Callable[[Reply], Reply] | None = None
    error: Callable[[Reply, ApiError], Reply] | None = None
    without: frozenset[str] = frozenset()


def _error(status: int, body: object) -> Reply:
    return Reply(status, orjson.dumps(body))


def _bare_404(reply: Reply, error: ApiError) -> Reply:
    return _BARE_404 if error.status == _BARE_404.status else reply


def _two_messages(response: Json) -> Json:
    """The first sentence as a message of its own, the rest as the next one."""
    output = []
    for item in response["output"]:
        if item["type"] != "message":
            output.append(item)
            continue
        first = {"type": "output_text", "text": "First, the plan.", "annotations": []}
        output += [item | {"id": f"{item['id']}_0", "content": [first]}, item]
    return response | {"output": output}


def _plain_content(response: Json) -> Json:
    output = [
        item | {"content": "".join(part.get("text", "") for part in item["content"])}
        if item["type"] == "message"
        else item
        for item in response["output"]
    ]
    return response | {"output": output}


def _zero_usage(response: Json) -> Json:
    counts = dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 0)
    return response | ({"usage": counts} if response["usage"] else {})


DIALECTS: dict[str, Dialect] = {
    "litellm ids": Dialect(new_id=lambda token: f"litellm_poll_{token[:32]}"),
    "azure ids": Dialect(new_id=lambda token: f"caresp_{token}"),
    "dash ids": Dialect(new_id=lambda token: f"resp-{token[:32]}"),
    "encoded ids": Dialect(new_id=lambda token: f"resp_{token[:8]}.{token[8:24]}="),
    "no models": Dialect(without=frozenset({"model"})),
    "forgotten": Dialect(without=frozenset({"retrieve", "cancel", "delete"})),
    "bare 404s": Dialect(error=_bare_404),
    "integer codes": Dialect(
        error=lambda reply, error: _error(
            reply.status, {"error": {"message": error.message, "code": reply.status}}
        )
    ),
    "string errors": Dialect(
        error=lambda reply, error: _error(reply.status, {"error": error.message})
    ),
    "detail errors": Dialect(
        error=lambda reply, error: _error(reply.status, {"detail": error.message})
    ),
    "html errors": Dialect(error=lambda reply, _: Reply(reply.status, _PAGE, _HTML)),
    "html pages": Dialect(sent=lambda _: Reply(200, _PAGE, _HTML)),
    "mislabelled gzip": Dialect(sent=lambda reply: replace(reply, body=gzip.compress(reply.body))),
    "accepted": Dialect(sent=lambda reply: replace(reply, status=202)),
    "another id": Dialect(retrieved=lambda body: body | {"id": f"{body['id']}_moved"}),
    "foreign id": Dialect(
        retrieved=lambda body: body | {"id": "resp_of_another_request", "metadata": None}
    ),
    "no id": Dialect(
        retrieved=lambda body: {name: value for name, value in body.items() if name != "id"}
    ),
    "several messages": Dialect(response=_two_messages),
    "plain content": Dialect(response=_plain_content),
    "zero usage": Dialect(response=_zero_usage),
}


def dialects(names: Iterable[str]) -> list[Dialect]:
    """The dialects of these names. Raises KeyError with an unknown one."""
    return [DIALECTS[name] for name in names]


def new_id(spoken: Iterable[Dialect], token: str) -> str:
    """A response's id, made of a token of 50 characters."""
    makers = [dialect.new_id for dialect in spoken if dialect.new_id]
    return makers[-1](token) if makers else f"resp_{token}"


def translate(spoken: Iterable[Dialect], operation: str, body: Json) -> Json:
    """The response object as a server of these dialects shows it."""
    for dialect in spoken:
        if dialect.response:
            body = dialect.response(body)
        if dialect.retrieved and operation == "retrieve":
            body = dialect.retrieved(body)
    return body


def reply_in(spoken: Iterable[Dialect], operation: str, reply: Reply) -> Reply:
    """The successful reply as a server of these dialects sends it."""
    for dialect in spoken:
        if dialect.sent and operation == "retrieve":
            reply = dialect.sent(reply)
    return reply


def error_in(spoken: Iterable[Dialect], error: ApiError) -> Reply:
    """The error as a server of these dialects sends it."""
    if error is NO_SUCH_URL:
        return _BARE_404
    reply = Reply.error(error)
    for dialect in spoken:
        if dialect.error:
            reply = dialect.error(reply, error)
    return reply
