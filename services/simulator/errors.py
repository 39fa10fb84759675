"""The errors of the simulated service, in the published error envelope."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class ApiError(Exception):
    """An error: its HTTP status and the four fields of the published ``error`` object."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    type: str = "invalid_request_error"

    @property
    def envelope(self) -> dict[str, object]:
        """The body that carries it."""
        fields = asdict(self)
        return {"error": {name: fields[name] for name in ("message", "type", "param", "code")}}


INVALID_KEY = ApiError(401, "Incorrect API key provided.", code="invalid_api_key")
FORBIDDEN = ApiError(
    403, "You have insufficient permissions for this operation.", code="insufficient_permissions"
)
RATE_LIMITED = ApiError(
    429,
    "Rate limit reached. Please try again later.",
    code="rate_limit_exceeded",
    type="requests",
)
OUT_OF_QUOTA = ApiError(
    429,
    "You exceeded your current quota, please check your plan and billing details.",
    code="insufficient_quota",
    type="insufficient_quota",
)


def model_not_found(model: str, status: int = 404) -> ApiError:
    """The model does not exist or has been retired."""
    message = f"The model '{model}' does not exist or you do not have access to it."
    return ApiError(status, message, "model", "model_not_found")


def response_not_found(response_id: str) -> ApiError:
    """The response does not exist or was deleted."""
    return ApiError(404, f"Response with id '{response_id}' not found.")


def server_error(status: int) -> ApiError:
    """The service failed, was overloaded, or timed out."""
    message = "The server had an error while processing your request."
    return ApiError(status, message, code="server_error", type="server_error")
