"""Answers the errors of OpenAI's calls with OpenAI's statuses."""

from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from services.api.http.media_types import JSON
from services.api.problems.error_responses import key_reused
from services.api.problems.errors import (
    InvalidParameter,
    InvalidRequest,
    InvalidState,
    ResponseNotFound,
)
from services.api.problems.field_errors import field_errors
from services.api.responses_api.ids import to_response_id
from services.api.routes.request_body import ConversationRoute
from shared.domain.errors import IdempotencyKeyReused, TaskNotFound


class OpenAIRoute(ConversationRoute):
    """A route where a wrong field or state is a 400, and what is deleted a 404.

    OpenAI's SDKs repeat a request that is answered with 409. ``request.state.body_hash`` is the
    SHA-256 of the body.
    """

    media_types = (JSON,)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind the translation."""
        reads_body = self.body_field is not None
        handle = super().get_route_handler()

        async def translate(request: Request) -> Response:
            if reads_body:
                request.state.body_hash = sha256(await request.body()).hexdigest()
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise InvalidParameter(field_errors(error)) from None
            except InvalidRequest as error:
                raise InvalidParameter(error.errors) from None
            except InvalidState as error:
                message = f"This response is {error.status}. {error.hint}"
                raise InvalidParameter([("response_id", message)]) from None
            except IdempotencyKeyReused as error:
                raise InvalidParameter(key_reused(error)) from None
            except TaskNotFound as error:
                raise ResponseNotFound(to_response_id(error.task_id)) from None

        return translate
