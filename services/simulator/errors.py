"""What the simulated service refuses, in the published error envelope."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ApiError(Exception):
    """One refusal: an HTTP status and the four fields of the published `error` object."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    type: str = "invalid_request_error"

    @property
    def envelope(self) -> dict[str, object]:
        """The body that carries it."""
        error = {
            "message": self.message,
            "type": self.type,
            "param": self.param,
            "code": self.code,
        }
        return {"error": error}


def invalid_key() -> ApiError:
    """The bearer key is missing or wrong."""
    return ApiError(401, "Incorrect API key provided.", code="invalid_api_key")


def forbidden() -> ApiError:
    """The key is right and its project may not do this."""
    message = "You have insufficient permissions for this operation."
    return ApiError(403, message, code="insufficient_permissions")


def model_not_found(model: str, status: int = 404) -> ApiError:
    """The model was never there, or has been retired."""
    message = f"The model '{model}' does not exist or you do not have access to it."
    return ApiError(status, message, "model", "model_not_found")


def response_not_found(response_id: str) -> ApiError:
    """No such response, or not any more."""
    return ApiError(404, f"Response with id '{response_id}' not found.")


def rate_limited() -> ApiError:
    """Too many requests: waiting helps."""
    message = "Rate limit reached for gpt-5-pro. Please try again later."
    return ApiError(429, message, code="rate_limit_exceeded", type="requests")


def out_of_quota() -> ApiError:
    """No money left: waiting does not help."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return ApiError(429, message, code="insufficient_quota", type="insufficient_quota")


def server_error(status: int) -> ApiError:
    """The service failed, or says that it was too busy or too late to answer."""
    message = "The server had an error while processing your request."
    return ApiError(status, message, code="server_error", type="server_error")
