"""apprise sends to a real receiver; no secret of an address leaves the sender."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from services.poller.notifications import sender as module
from services.poller.notifications.messages import Message
from services.poller.notifications.sender import AppriseSender
from services.poller.notifications.services import SERVICES
from shared.domain.errors import InvalidSetting
from tests.clients.stub import Stub, serving
from tests.services.poller.notifications.channels_example import channel

apprise = pytest.importorskip(
    "apprise", reason="LEFT OUT: apprise is not installed (make test-notify)"
)

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning"),  # apprise's own import
]

MESSAGE = Message("Backburner: Answer ready: Roofs", "It took 4 min.\n<b>x</b>")


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving() as server:
        yield server


def sender_to(address: str) -> AppriseSender:
    return AppriseSender([channel(url=f"json://{address}/s3cret")])


async def test_a_message_arrives_as_plain_text(stub: Stub) -> None:
    reason = await sender_to(stub.url.removeprefix("http://")).send("team", MESSAGE)
    [(method, path, _, body)] = stub.asked
    said = json.loads(body)
    assert (reason, method, path) == (None, "POST", "/s3cret")
    assert (said["title"], said["message"]) == (MESSAGE.title, MESSAGE.body)


@pytest.mark.parametrize(("status", "reason"), [(404, "http_404"), (500, "http_500")])
async def test_a_refusal_is_its_status_and_nothing_is_logged(
    stub: Stub, status: int, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    stub.says({"error": "s3cret"}, status)
    logging.getLogger().handlers, before = [logging.StreamHandler()], logging.getLogger().handlers
    try:
        assert await sender_to(stub.url.removeprefix("http://")).send("team", MESSAGE) == reason
    finally:
        logging.getLogger().handlers = before
    assert capfd.readouterr() == ("", "")


async def test_a_redirect_is_not_followed(stub: Stub) -> None:
    with serving() as inside:
        stub.says({}, 302, Location=f"{inside.url}/")
        assert await sender_to(stub.url.removeprefix("http://")).send("team", MESSAGE) == "http_302"
        assert inside.asked == []


async def test_an_address_that_nobody_listens_on_is_unreachable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        assert await sender_to(address).send("team", MESSAGE) == "unreachable"


async def test_a_receiver_that_is_silent_delays_nothing_and_is_not_called_again_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SEND_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sender = sender_to(f"127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        turns = 0
        sending = asyncio.create_task(sender.send("team", MESSAGE))
        while not sending.done() and time.monotonic() - began < 20:
            turns += 1
            await asyncio.sleep(0.005)
        assert await sending == "timeout"
        assert turns > 10
        assert await sender.send("team", MESSAGE) == "still_sending"


def test_a_silent_receiver_does_not_keep_a_process_from_ending() -> None:
    program = (
        "import asyncio, sys\n"
        "from services.poller.notifications import sender as module\n"
        "from services.poller.notifications.messages import TEST_MESSAGE\n"
        "from tests.services.poller.notifications.test_sender import sender_to\n"
        "module.SEND_TIMEOUT_S = 0.2\n"
        "module.SOCKET_TIMEOUT_S = 300\n"  # else the thread ends soon, whatever it is
        "print(asyncio.run(sender_to(sys.argv[1]).send('team', TEST_MESSAGE)))\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        ended = subprocess.run(  # noqa: S603 -- our own program
            [sys.executable, "-c", program, address],
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
    assert (ended.returncode, ended.stdout) == (0, "timeout\n"), ended.stderr


def test_an_address_that_apprise_cannot_read_is_named_without_its_secret() -> None:
    with pytest.raises(InvalidSetting) as caught:
        AppriseSender([channel(url="slack://s3cret")])
    assert "the channel team (slack://)" in caught.value.message
    assert "s3cret" not in caught.value.message


def test_apprise_knows_every_service_of_the_list_and_no_other_is_enabled() -> None:
    AppriseSender([channel()])
    assert apprise.Apprise.instantiate("syslog://") is None
    known = {
        scheme
        for entry in apprise.Apprise().details()["schemas"]
        for scheme in [*(entry["protocols"] or ()), *(entry["secure_protocols"] or ())]
    }
    assert known >= SERVICES
