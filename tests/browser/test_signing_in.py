"""Where tokens are on, the page asks for one, keeps it to itself, and loses nothing at its end."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from services.api.auth.token import digest
from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

ALICE, BOB, ROOT = "bb_alices-own", "bb_bobs-own", "bb_roots-own"


class Door:
    """An installation that asks for tokens, and who may come in."""

    def __init__(self, page: Page, site: Installation, file: Path) -> None:
        self.page = page
        self.site = site
        self.visitor = Visitor(page, site)
        self._file = file
        self.admit(alice=ALICE, bob=BOB, root=ROOT)

    def admit(self, **tokens: str) -> None:
        """From now on these, and no others."""
        lines = [
            f'[tokens.{name}]\nsha256 = "{digest(secret.encode())}"\n'
            f"admin = {str(name == 'root').lower()}\n"
            for name, secret in tokens.items()
        ]
        self._file.write_text("".join(lines))

    def enter(self, token: str, *, stay: bool = False) -> None:
        """Sign in."""
        expect(self.token).to_be_focused()
        self.page.keyboard.type(token)
        self.page.get_by_role("checkbox", name="Stay signed in").set_checked(stay)
        self.page.get_by_role("button", name="Sign in").click()

    @property
    def token(self) -> Locator:
        return self.page.get_by_label("Token", exact=True)

    @property
    def account(self) -> Locator:
        return self.page.get_by_role("region", name="Account")


@pytest.fixture
def door(page: Page, installation: Installation, tmp_path: Path) -> Door:
    file = tmp_path / "tokens.toml"
    door = Door(page, installation, file)
    installation.valkey()
    installation.api(BACKBURNER_TOKENS_FILE=str(file))
    return door


@pytest.fixture
def asked(page: Page) -> Iterator[list[Request]]:
    """Every request of the page; no address among them tells a token."""
    requests: list[Request] = []
    page.on("request", lambda sent: requests.append(sent))  # noqa: PLW0108 -- it must be a function
    yield requests
    assert requests
    assert [sent.url for sent in requests if "own" in sent.url] == []


def test_a_token_lets_in_where_one_wanted_to_go(door: Door, asked: list[Request]) -> None:
    door.visitor.open("#/system")
    expect(door.visitor.heading).to_have_text("Sign in")
    expect(door.page).to_have_title("Sign in · Backburner")
    door.enter(ALICE)
    expect(door.visitor.heading).to_have_text("System")
    expect(door.account).to_contain_text("Signed in as alice")
    assert urlsplit(door.page.url).fragment == "/system"
    assert ALICE not in door.page.content()
    calls = [sent for sent in asked if "/v1/" in sent.url]
    named = [sent.url for sent in calls if sent.headers.get("authorization") == f"Bearer {ALICE}"]
    assert {urlsplit(url).path for url in named} >= {"/v1/tasks", "/v1/events", "/v1/spending"}


def test_with_it_tasks_are_handed_in_followed_and_taken_away(door: Door) -> None:
    door.site.simulator()
    door.site.poller()
    door.visitor.open()
    door.enter(ALICE)
    door.visitor.hand_in("For Alice alone [simulate: takes 1 s]")
    expect(door.visitor.state).to_contain_text("Completed")
    expect(door.visitor.answer).not_to_contain_text("plain text")
    door.page.get_by_role("button", name="More", exact=True).click()
    with door.page.expect_download() as download:
        door.page.get_by_role("button", name="Download Markdown").first.click()
    assert "For Alice alone" in download.value.path().read_text()


def test_a_wrong_token_is_refused_and_stays_to_be_mended(door: Door) -> None:
    door.visitor.open()
    door.enter("bb_nobodys")
    expect(door.page.get_by_role("alert")).to_contain_text("Unknown token")
    expect(door.token).to_be_focused()
    door.token.fill("zwei Wörter")
    door.page.keyboard.press("Enter")
    expect(door.page.get_by_role("alert")).to_contain_text("That is not a token")
    door.token.fill(f"  {ALICE}\n")
    door.page.keyboard.press("Enter")
    expect(door.visitor.heading).to_have_text("New task")


def test_a_token_that_is_revoked_leads_back_and_the_draft_is_kept(door: Door) -> None:
    door.visitor.open()
    door.enter(ALICE)
    door.visitor.message.fill("Half a thought")
    door.admit(bob=BOB, alice="bb_alices-next-own")
    expect(door.visitor.heading).to_have_text("Sign in")
    door.visitor.reads("no longer valid")
    door.enter("bb_alices-next-own")
    expect(door.visitor.message).to_have_value("Half a thought")
    door.visitor.hand_in("A whole thought")


def test_who_signs_out_leaves_nothing_behind(door: Door) -> None:
    door.visitor.open()
    door.enter(ALICE, stay=True)
    door.visitor.hand_in("Alice's secret")
    door.page.get_by_role("link", name="New task").click()
    door.visitor.message.fill("A draft")
    door.account.get_by_text("Sign out…").click()
    expect(door.account).to_contain_text("1 draft")
    door.account.get_by_role("button", name="Yes, sign out").click()
    door.visitor.reads("You are signed out")
    expect(door.account).to_have_count(0)
    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}])"
    for secret in ("A draft", ALICE, "secret"):
        assert secret not in door.page.evaluate(kept)
        assert secret not in door.page.content()
    door.enter(BOB)
    expect(door.visitor.message).to_have_value("")
    expect(door.visitor.listed).to_have_count(0)
    expect(door.account).to_contain_text("bob")


def test_the_next_owner_of_a_browser_sees_no_draft_of_the_one_before(door: Door) -> None:
    """Also when the token was revoked while a draft was being written."""
    door.visitor.open()
    door.enter(ALICE)
    door.visitor.message.press_sequentially("Alice's thought")
    door.admit(bob=BOB)
    expect(door.visitor.heading).to_have_text("Sign in")
    door.enter(BOB)
    expect(door.account).to_contain_text("bob")
    expect(door.visitor.message).to_have_value("")
    expect(door.page.get_by_text("Alice's thought")).to_have_count(0)
    door.page.reload()
    expect(door.visitor.message).to_have_value("")
    door.admit(alice=ALICE)
    expect(door.visitor.heading).to_have_text("Sign in")
    door.enter(ALICE)
    expect(door.visitor.message).to_have_value("Alice's thought")


@pytest.mark.parametrize("stay", [True, False])
def test_a_token_outlives_the_tab_only_by_choice(door: Door, *, stay: bool) -> None:
    door.visitor.open()
    door.enter(ROOT, stay=stay)
    expect(door.account).to_contain_text("Signed in as an admin")
    door.page.reload()
    expect(door.account).to_contain_text("Signed in as an admin")
    door.page.evaluate("sessionStorage.clear()")  # as a tab's is when it closes
    door.page.reload()
    expect(door.visitor.heading).to_have_text("New task" if stay else "Sign in")
    expect(door.account).to_have_count(1 if stay else 0)


def test_who_signs_out_in_one_tab_is_out_in_the_other(door: Door) -> None:
    door.visitor.open()
    door.enter(ALICE, stay=True)
    expect(door.account).to_be_visible()
    other = Visitor(door.page.context.new_page(), door.site)
    other.open()
    other.page.get_by_text("Sign out…").click()
    other.page.get_by_role("button", name="Yes, sign out").click()
    expect(door.visitor.heading).to_have_text("Sign in")
    door.visitor.reads("You signed out in another tab")


def test_without_tokens_nothing_of_this_is_seen(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.notices).to_contain_text("Simulator")
    expect(visitor.page.get_by_text("Sign", exact=False)).to_have_count(0)
