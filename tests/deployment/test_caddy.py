"""Behind Caddy with TLS, as docs/proxies.md and the Compose profile configure it, all works."""

import ssl
import time
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.event_stream import messages
from tests.harness import Installation
from tests.proxies import ADDRESS, CADDY, CADDYFILE, ROOT_PATH, WITHOUT_CADDY, example, start_caddy

pytestmark = [
    pytest.mark.integration,
    pytest.mark.thorough,
    pytest.mark.skipif(CADDY is None, reason=WITHOUT_CADDY),
]

EVENT_S = 3
ALONE = (
    "{\n admin off\n skip_install_trust\n http_port {$HTTP_PORT}\n https_port {$HTTPS_PORT}\n}\n"
)
"""What keeps a Caddy of a test to itself."""


def _of_compose(pieces: Installation) -> tuple[str, ssl.SSLContext]:
    pieces.api()
    port = str(urlsplit(pieces.api_url).port)
    variables = {"ADMIN": "off", "API_HOST": "127.0.0.1", "API_PORT": port}
    return start_caddy(pieces, CADDYFILE.read_text(), "", **variables)


def _of_page(pieces: Installation) -> tuple[str, ssl.SSLContext]:
    pieces.api(BACKBURNER_ROOT_PATH=ROOT_PATH)
    shown = example("caddyfile")
    site = shown.replace("answers.example", "localhost").replace(
        ADDRESS, pieces.api_url.removeprefix("http://")
    )
    return start_caddy(pieces, ALONE + site, ROOT_PATH)


@pytest.fixture(params=[_of_compose, _of_page], ids=["Compose", "under a path"])
def client(
    request: pytest.FixtureRequest, installation: Installation
) -> Iterator[tuple[str, httpx.Client]]:
    installation.valkey()
    url, trust = request.param(installation)
    with httpx.Client(verify=trust, timeout=30) as client:
        yield url, client


def test_a_page_with_tls_submits_and_sees_the_event_within_seconds(
    client: tuple[str, httpx.Client],
) -> None:
    url, http = client
    address = urlsplit(url)
    own = {"Origin": f"https://{address.netloc}", "Sec-Fetch-Site": "same-origin"}
    assert "<title>Backburner</title>" in http.get(url, follow_redirects=True).text
    with http.stream("GET", f"{url}/v1/events", headers=own) as stream:
        events = messages(stream.iter_lines())
        assert next(events).event == "hello"
        began = time.monotonic()
        reply = http.post(f"{url}/v1/tasks", json={"input": "By TLS?"}, headers=own)
        assert reply.status_code == 202
        assert next(events).data["id"] == reply.json()["id"]
        assert time.monotonic() - began < EVENT_S
    task = http.get(urljoin(str(reply.url), reply.headers["location"]))
    assert task.json()["id"] == reply.json()["id"]
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert http.post(f"{url}/v1/tasks", json={}, headers=foreign).status_code == 403
