"""What the HTTP client cannot use is named before the poller starts, with what to do."""

from pathlib import Path

import pytest

from services.poller.provider.network_settings import check_network_settings
from shared.domain.errors import InvalidSetting

PROXY = "is not the address of a proxy: set http://host:port or unset it."
SOCKS = (
    "is a SOCKS proxy, which needs the package socksio: "
    "install it or set an HTTP proxy (http://host:port)."
)


def parse_error(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting) as refused:
        check_network_settings({name: value})
    assert "s3cret" not in refused.value.message
    return refused.value.message


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HTTPS_PROXY", "socks5://user:s3cret@proxy:1080", SOCKS),
        ("all_proxy", "socks5h://s3cret", SOCKS),
        ("ALL_PROXY", "socks4://s3cret", PROXY),
        ("ALL_PROXY", "socks5://s3cret:abc", PROXY),
        ("HTTP_PROXY", "ftp://s3cret", PROXY),
        ("HTTPS_PROXY", "http:///s3cret", PROXY),
        ("HTTPS_PROXY", ":8080", PROXY),
        ("HTTPS_PROXY", "no s3cret", PROXY),
        ("HTTPS_PROXY", "http://s3cret:99999", PROXY),
    ],
)
def test_a_proxy_that_cannot_be_used(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parse_error(name, value, monkeypatch) == f"{name} {sentence}"


def test_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "s3cret"
    assert parse_error("SSL_CERT_DIR", str(file), monkeypatch).startswith("SSL_CERT_DIR is not")
    missing = parse_error("SSL_CERT_FILE", str(file), monkeypatch)
    file.write_text("no certificate")
    empty = parse_error("SSL_CERT_FILE", str(file), monkeypatch)
    directory = parse_error("SSL_CERT_FILE", str(tmp_path), monkeypatch)
    assert missing.startswith("SSL_CERT_FILE cannot be used (No such file")
    assert empty.startswith("SSL_CERT_FILE cannot be used (no certificate in it): set a readable")
    assert directory.startswith("SSL_CERT_FILE cannot be used (Is a directory)")


def test_usable_settings_are_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    check_network_settings(
        {
            "HTTPS_PROXY": "http://user:pass@proxy:8080",
            "ALL_PROXY": "proxy:8080",
            "HTTP_PROXY": "",
            "NO_PROXY": "localhost",
            "SSL_CERT_DIR": str(tmp_path),
        }
    )
