"""Teaches the application to answer its errors as problem documents."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.api.problems.field_errors import complaints
from services.api.problems.responses import failure, invalid, refused, unreadable
from shared.domain.errors import BackburnerError


def install(app: FastAPI) -> None:
    """Have every error of a route come to problems.py."""

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> Response:
        if any(found["type"] == "json_invalid" for found in error.errors()):
            return unreadable()
        return invalid(complaints(error))

    @app.exception_handler(ClientDisconnect)
    async def _gone(_: Request, __: ClientDisconnect) -> Response:
        return unreadable()  # nobody reads it: whoever sent half a body is gone

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return refused(error, request.method)

    @app.exception_handler(BackburnerError)
    @app.exception_handler(RedisError)
    @app.exception_handler(Exception)
    async def _failure(request: Request, error: Exception) -> Response:
        return failure(error, reading=request.method == "GET")
