"""Removes the path under which a proxy publishes the API, if the proxy has not removed it."""

from starlette.types import ASGIApp, Receive, Scope, Send


class RootPathMiddleware:
    """Serves ``/backburner/v1/tasks`` and ``/v1/tasks`` alike, for the root path ``/backburner``.

    It has to be the outermost: token, host and origin are checked by the path that the router sees.
    For the same reason it sets no ``root_path`` in the scope, which the router would remove again.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._prefix = f"{root_path}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, under its path within the API."""
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            scope = {**scope, "path": scope["path"][len(self._prefix) - 1 :]}
        await self._app(scope, receive, send)
