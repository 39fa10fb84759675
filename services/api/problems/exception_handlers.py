"""Makes FastAPI answer every error with a problem document."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.api.problems.error_responses import from_exception, from_http_exception
from services.api.problems.field_errors import field_errors, json_error
from services.api.problems.responses import invalid_request, malformed_body
from shared.domain.errors import BackburnerError

METHOD_NOT_ALLOWED = 405


def register_exception_handlers(app: FastAPI) -> None:
    """Register a handler for each kind of error that a route can raise."""

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> Response:
        if reason := json_error(error):
            return malformed_body(reason)
        return invalid_request(field_errors(error))

    @app.exception_handler(ClientDisconnect)
    async def _disconnected(_: Request, __: ClientDisconnect) -> Response:
        return malformed_body()  # nobody reads it

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == METHOD_NOT_ALLOWED:
            error.headers = {"Allow": _allowed_methods(request)}
        return from_http_exception(error, request.method)

    @app.exception_handler(BackburnerError)
    @app.exception_handler(RedisError)
    @app.exception_handler(Exception)
    async def _failure(request: Request, error: Exception) -> Response:
        return from_exception(error, reading=request.method == "GET")


def _allowed_methods(request: Request) -> str:
    # Starlette names only the methods of the first route that has this path (RFC 9110, 10.2.1).
    path = getattr(request.scope.get("route"), "path", "")
    operations = request.app.openapi()["paths"].get(path, {"get": {}})
    return ", ".join(sorted(method.upper() for method in operations))
