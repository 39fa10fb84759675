"""Says in one sentence why the server at REDIS_URL cannot be used, and what to change."""

from collections.abc import Iterator

from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import AuthenticationError, BusyLoadingError, NoPermissionError

_NO_TLS = "does not speak TLS on this port: use redis:// in REDIS_URL"
_CLOSED = (
    "does not answer: it closed the connection, as a server does that stops. Start again when it"
    " runs; if it speaks TLS, use rediss:// in REDIS_URL"
)
_BY_TEXT = {
    "CERTIFICATE_VERIFY_FAILED": "has a TLS certificate that is not trusted: add"
    " ?ssl_ca_certs=FILE with the certificate of its authority to REDIS_URL",
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "DB index is out of range": "has no database with the number in REDIS_URL: use /0",
    "Connection closed by server": _CLOSED,
    "Connection reset by peer": _CLOSED,
}
"""What is wrong and what to do, by a part of an error's text."""

_BY_SENTINELS_TEXT = {
    "the master is down": "name no master that is up: a failover may be under way",
    "without any password configured": "have no password: remove sentinel_password from REDIS_URL",
    "Authentication required": "require a password: add ?sentinel_password=… to REDIS_URL",
    "AuthenticationError": "reject sentinel_username or sentinel_password in REDIS_URL",
    # redis-py appends what each Sentinel failed with.
    " - ": "do not answer, or do not know the service in REDIS_URL",
}
_UNKNOWN_SERVICE = "do not know the service in REDIS_URL, which comes before the /0"


def describe(error: Exception) -> str:
    """What to say after "the store at REDIS_URL". Shows no password."""
    for cause in _causes(error):
        text = str(cause)
        if isinstance(cause, MasterNotFoundError):
            return f"cannot be found: its Sentinels {_sentinels(text)}"
        for part, sentence in _BY_TEXT.items():
            if part in text:
                return sentence
        match cause:
            case AuthenticationError():
                return "rejects the user or password in REDIS_URL"
            case NoPermissionError():
                return (
                    f"does not give its user a right that is needed ({text});"
                    " docs/operations.md has the line for its ACL"
                )
            case BusyLoadingError():
                return "is still loading its data: try again later"
    # A plain server waits for the rest of a TLS greeting, which it takes for a command.
    tls = "; with rediss:// in REDIS_URL it must speak TLS" if "connecting" in str(error) else ""
    return f"does not answer ({type(error).__name__}: {error}){tls}"


def _sentinels(text: str) -> str:
    found = (sentence for part, sentence in _BY_SENTINELS_TEXT.items() if part in text)
    return next(found, _UNKNOWN_SERVICE)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the first cause first."""
    inner = error.__cause__ or error.__context__
    if inner is not None:
        yield from _causes(inner)
    yield error
