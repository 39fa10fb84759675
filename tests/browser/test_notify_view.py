"""A person sets up a webhook on the page and hears of the next end; its secret is shown once."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Locator, expect
from standardwebhooks import Webhook

from tests.browser.page_object import Visitor
from tests.clients.stub import Stub, serving
from tests.harness import Installation, eventually

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose operator allows webhooks to this machine."""
    allowed = {
        "BACKBURNER_WEBHOOK_KEY": Fernet.generate_key().decode(),
        "BACKBURNER_WEBHOOK_ALLOW": "127.0.0.1",
    }
    with Installation(tmp_path_factory.mktemp("site"), environment=allowed) as pieces:
        yield pieces.all()


@pytest.fixture
def receiver() -> Iterator[Stub]:
    with serving() as server:
        yield server


@pytest.fixture
def added(visitor: Visitor, receiver: Stub) -> Iterator[Locator]:
    """A webhook that was added on the page."""
    visitor.open("#/notify")
    visitor.page.get_by_label("Address of your program").fill(f"{receiver.url}/hook")
    visitor.page.get_by_role("button", name="Add webhook").click()
    item = visitor.page.locator(".webhook").filter(has_text=receiver.url)
    expect(item.locator(".webhook-secret")).to_be_focused()
    yield item
    if item.count():
        item.get_by_text("Delete…").click()
        item.get_by_role("button", name="Delete this webhook").click()
        expect(item).to_have_count(0)


def test_a_webhook_is_added_tested_and_hears_of_the_next_end(
    visitor: Visitor, added: Locator, receiver: Stub
) -> None:
    secret = added.get_by_label("Signing secret").input_value()
    assert secret.startswith("whsec_")
    added.get_by_role("button", name="Send a test").click()
    expect(added).to_contain_text("Test: Delivered (status 200")
    task = visitor.site.submit("Which roof?")["id"]
    visitor.site.ended(task)
    eventually(lambda: len(receiver.asked) == 2, "a test and an event")
    for _, path, headers, body in receiver.asked:
        assert path == "/hook"
        Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
    assert task.encode() in receiver.asked[1][3]
    added.get_by_text("Latest deliveries").click()
    expect(added.get_by_role("row")).to_have_count(3)
    expect(added.get_by_role("row").nth(1)).to_contain_text("task.completed")


def test_the_secret_is_shown_once_and_a_new_one_replaces_it(
    visitor: Visitor, added: Locator
) -> None:
    first = added.get_by_label("Signing secret").input_value()
    visitor.open("#/notify")
    expect(added).to_contain_text("Active")
    expect(added.get_by_label("Signing secret")).to_have_count(0)
    added.get_by_text("New secret…").click()
    expect(added).to_contain_text("The old one stays valid for 24 hours")
    added.get_by_role("button", name="Make a new secret").click()
    expect(added.get_by_label("Signing secret")).not_to_have_value(first)


def test_a_webhook_is_disabled_enabled_and_deleted(visitor: Visitor, added: Locator) -> None:
    added.get_by_role("button", name="Disable").click()
    expect(added).to_contain_text("Disabled")
    expect(added.get_by_role("button", name="Send a test")).to_be_hidden()
    added.get_by_role("button", name="Enable").click()
    expect(added).to_contain_text("Active")
    added.get_by_text("Delete…").click()
    added.get_by_role("button", name="Delete this webhook").click()
    expect(added).to_have_count(0)
    expect(visitor.page.get_by_text("None yet.")).to_be_visible()


def test_a_failing_receiver_is_said_with_its_status_and_seen_without_a_reload(
    visitor: Visitor, added: Locator, receiver: Stub
) -> None:
    receiver.says({}, 500)
    added.get_by_role("button", name="Send a test").click()
    expect(added).to_contain_text("Test: Failed (status 500)")
    visitor.site.ended(visitor.site.submit("Which roof?")["id"])
    expect(added.locator(".badge")).to_have_text("Failing", timeout=30_000)
    expect(added).to_contain_text("1 event waits.")


@pytest.mark.parametrize(
    ("address", "message"),
    [("", "Write the address of your program."), ("http://10.0.0.1/x", "")],
)
def test_an_address_that_cannot_be_used_is_explained_at_its_field(
    visitor: Visitor, address: str, message: str
) -> None:
    visitor.open("#/notify")
    field = visitor.page.get_by_label("Address of your program")
    field.fill(address)
    visitor.page.get_by_role("button", name="Add webhook").click()
    expect(visitor.error).to_contain_text(message)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_without_channels_it_says_what_the_operator_must_set(visitor: Visitor) -> None:
    visitor.open("#/notify")
    visitor.reads("BACKBURNER_NOTIFICATIONS_FILE")
