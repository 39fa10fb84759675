"""Which methods an address takes, whatever asks for it (RFC 9110, 10.2.1)."""

from fastapi import Request
from starlette.routing import Match

from services.api.middleware.head import ENDLESS

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def allowed(request: Request) -> str:
    """An Allow header: the framework's own names only the first route of the address."""
    taken = [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
    heads = ["HEAD"] if "GET" in taken and request.scope["path"] != ENDLESS else []
    return ", ".join(taken[:1] + heads + taken[1:])
