"""Checks the settings of the client: the server's address, the token, proxies and certificates."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from backburner.errors import InvalidSetting

DEFAULT_URL = "http://127.0.0.1:8000"
NOT_PRINTABLE = "It must be printable ASCII without spaces at its ends."


def is_printable(value: str) -> bool:
    """Whether a header can carry the value."""
    return value.isascii() and value.isprintable() and value.strip() == value


def check_token(token: str) -> str:
    """Return the token. Raises InvalidSetting if a header cannot carry it."""
    if not is_printable(token):
        raise InvalidSetting("BACKBURNER_TOKEN", NOT_PRINTABLE)
    return token


def parse_address(url: str) -> httpx.URL:
    """Parse the server's address. Raises InvalidSetting."""
    name = "BACKBURNER_URL"
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InvalidSetting(name, f"{url!r} is not an address ({error}).") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise InvalidSetting(name, f"{url!r} is not an address. Use one like {DEFAULT_URL}.")
    if address.userinfo:  # every error message would show it
        message = "The address must not contain a password. Use BACKBURNER_TOKEN."
        raise InvalidSetting(name, message)
    return address


@contextmanager
def named_network_settings() -> Iterator[None]:
    """Name the variables that httpx reads itself, if it cannot use them."""
    proxies = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY"
    try:
        yield
    except ImportError:
        message = "A SOCKS proxy needs the package socksio: pip install 'httpx[socks]'."
        raise InvalidSetting("ALL_PROXY, HTTP_PROXY, HTTPS_PROXY", message) from None
    except OSError as error:
        message = f"The certificates cannot be read ({error.strerror})."
        raise InvalidSetting("SSL_CERT_FILE, SSL_CERT_DIR", message) from None
    except (httpx.InvalidURL, ValueError) as error:
        message = (
            f"A proxy's address is invalid ({error}). In NO_PROXY, write ::1 without brackets."
        )
        raise InvalidSetting(proxies, message) from None
