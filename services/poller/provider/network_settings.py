"""Checks at the start the variables that the HTTP client reads, before a task depends on them."""

import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import httpx2

from services.poller.settings import is_http_address
from shared.domain.errors import InvalidSetting

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
SOCKS = ("socks5", "socks5h")


def check_network_settings(environ: Mapping[str, str]) -> None:
    """Raise InvalidSetting, naming the variable but not its value: a proxy's may hold a login."""
    file, directory = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    try:
        httpx2.create_ssl_context()
    except OSError as error:
        problem = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise InvalidSetting(
            f"SSL_CERT_FILE cannot be used ({problem}): "
            "set a readable file of PEM certificates or unset it."
        ) from error
    if directory and not file and not Path(directory).is_dir():
        raise InvalidSetting(
            "SSL_CERT_DIR is not a directory: set one of certificates or unset it."
        )
    for name, address in environ.items():
        if name.upper() in PROXIES and address:
            _check_proxy(name, address)


def _check_proxy(name: str, address: str) -> None:
    scheme, _, rest = address.rpartition("://")
    if scheme not in {"", "http", "https", *SOCKS} or not is_http_address(f"http://{rest}"):
        raise InvalidSetting(
            f"{name} is not the address of a proxy: set http://host:port or unset it."
        )
    if scheme in SOCKS and find_spec("socksio") is None:
        raise InvalidSetting(
            f"{name} is a SOCKS proxy, which needs the package socksio: "
            "install it or set an HTTP proxy (http://host:port)."
        )
