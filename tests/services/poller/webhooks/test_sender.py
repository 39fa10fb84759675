"""A webhook is sent to the address that was checked, in one bounded request, and nowhere else."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook

from services.poller.decisions.webhook import Attempt
from services.poller.webhooks.message import sign_event
from services.poller.webhooks.sender import MAX_REPLY_BYTES, Route, WebhookSender
from shared.domain.webhook_address import AddressPolicy
from shared.domain.webhooks import EventType, Format, WebhookEvent
from shared.runtime.resolver import Resolver
from shared.store.webhook_secrets import new_secret
from tests.services.poller.stub_server import DRIPPING, DROPPED, Answer, answer, upstream

HOST = "hooks.example"
LOOPBACK = AddressPolicy.parse(["127.0.0.0/8"])
SECRET = new_secret()
EVENT = WebhookEvent("evt_1", EventType.COMPLETED, 1_000, "task_1")
MESSAGE = sign_event(EVENT, Format.BACKBURNER, [SECRET], int(datetime.now(UTC).timestamp()) * 1000)


class Names:
    """A name server that gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def send(
    url: str, names: Names, policy: AddressPolicy = LOOPBACK, timeout_s: float = 5
) -> Attempt:
    sender = WebhookSender(policy, Resolver(names), timeout_s=timeout_s)
    try:
        route = await sender.route(url)
        return await sender.post(route, MESSAGE) if isinstance(route, Route) else route
    finally:
        await sender.close()


def here(url: str) -> str:
    """The stub's URL under the name that the name server knows."""
    return url.replace("127.0.0.1", HOST).removesuffix("/v1") + "/hook?key=1"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def test_the_receiver_gets_a_request_that_it_can_verify() -> None:
    async with upstream(answer(204, b"")) as receiver:
        attempt = await send(here(receiver.url), Names(["127.0.0.1"]))
    assert attempt.status == 204
    assert receiver.asked == ["post /hook?key=1"]
    lines = [line.partition(": ") for line in receiver.heads[0].splitlines()[1:]]
    headers = {name: value for name, _, value in lines}
    assert headers["host"] == here(receiver.url).split("/")[2]
    assert headers["user-agent"] == "backburner"
    assert MESSAGE.headers["webhook-signature"].lower() == headers["webhook-signature"]
    assert Webhook(SECRET).verify(receiver.bodies[0], MESSAGE.headers)["type"] == "task.completed"


async def test_row_47_the_connection_goes_to_the_checked_address_whatever_the_name_becomes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: a second look would lead inside."""
    connected: list[str] = []
    loop = asyncio.get_running_loop()
    connect = loop.create_connection

    async def note(factory: Any, host: str, *args: Any, **options: Any) -> Any:
        connected.append(host)
        return await connect(factory, host, *args, **options)

    monkeypatch.setattr(loop, "create_connection", note)
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    async with upstream(answer(200)) as receiver:
        assert (await send(here(receiver.url), names)).status == 200
    assert names.asked == [HOST]
    assert connected == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("addresses", "error"),
    [
        (["169.254.169.254"], "address_refused"),
        (["93.184.215.14", "10.0.0.1"], "address_refused"),
        (["::ffff:127.0.0.1"], "address_refused"),
        ([], "not_resolved"),
    ],
)
async def test_an_address_is_checked_at_each_delivery(addresses: list[str], error: str) -> None:
    attempt = await send(f"https://{HOST}:8443/", Names(addresses))
    assert (attempt.status, attempt.error) == (None, error)


async def test_a_redirect_is_not_followed() -> None:
    async with upstream(answer(200)) as inside:
        async with upstream(answer(302, location=inside.url)) as receiver:
            attempt = await send(here(receiver.url), Names(["127.0.0.1"]))
        assert (attempt.status, attempt.succeeded) == (302, False)
        assert inside.asked == []


async def test_a_reply_without_end_is_not_read_to_its_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
    async with upstream(Answer(head, more=b"x" * 65_536)) as receiver:
        attempt = await send(here(receiver.url), Names(["127.0.0.1"]))
        assert attempt.succeeded
        assert receiver.sent < 100 * MAX_REPLY_BYTES


async def test_a_slow_reply_counts_by_its_status_and_holds_nothing_up() -> None:
    started = monotonic()
    async with upstream(DRIPPING) as receiver:
        assert (await send(here(receiver.url), Names(["127.0.0.1"]))).succeeded
    assert monotonic() - started < 4


async def test_a_receiver_that_says_nothing_is_given_up_after_the_time_limit() -> None:
    async with upstream(Answer()) as receiver:
        attempt = await send(here(receiver.url), Names(["127.0.0.1"]), timeout_s=0.2)
    assert attempt.error == "timeout"


@pytest.mark.parametrize(
    ("given", "error"), [(DROPPED, "no_reply"), (Answer(b"SSH-2.0\r\n\r\n"), "no_reply")]
)
async def test_what_is_no_http_reply_is_a_failure(given: Answer, error: str) -> None:
    async with upstream(given) as receiver:
        assert (await send(here(receiver.url), Names(["127.0.0.1"]))).error == error


async def test_the_next_address_is_tried_where_the_first_takes_no_connection() -> None:
    async with upstream(answer(200)) as receiver:
        attempt = await send(here(receiver.url), Names(["127.0.0.2", "127.0.0.1"]))
        assert attempt.succeeded
        attempt = await send(here(receiver.url), Names(["127.0.0.2"]))
        assert attempt.error == "connect_failed"


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with upstream(answer(200)) as proxy, upstream(answer(200)) as receiver:
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert (await send(here(receiver.url), Names(["127.0.0.1"]))).succeeded
        assert proxy.asked == []


async def test_no_cookie_and_no_connection_is_kept_for_the_next_request() -> None:
    sender = WebhookSender(LOOPBACK, Resolver(Names(["127.0.0.1"])))
    async with upstream(answer(200, set_cookie="a=b")) as receiver:
        for _ in range(2):
            route = await sender.route(here(receiver.url))
            assert isinstance(route, Route)
            await sender.post(route, MESSAGE)
        assert not any("cookie" in head for head in receiver.heads)
    await sender.close()


@pytest.fixture
async def tls_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A receiver with a certificate for HOST that SSL_CERT_FILE vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = tmp_path / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(reply, "127.0.0.1", ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize(("host", "error"), [(HOST, None), ("other.example", "tls_failed")])
async def test_the_certificate_is_checked_for_the_name_although_an_address_is_called(
    tls_port: int, host: str, error: str | None
) -> None:
    attempt = await send(f"https://{host}:{tls_port}/", Names(["127.0.0.1"]))
    assert attempt.error == error
    assert attempt.succeeded == (error is None)
