"""What surrounds a task: the list, the addresses, the notices, and every kind of screen and eye."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

PHONE = {"width": 360, "height": 740}


def test_the_simulator_is_announced_loudly(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.notices).to_contain_text("Every answer is made up and nothing is paid")
    expect(visitor.notices).to_contain_text("OPENAI_API_KEY")


def test_without_a_poller_the_page_says_that_tasks_wait(
    page: Page, installation: Installation
) -> None:
    installation.valkey()
    installation.api()
    visitor = Visitor(page, installation)
    visitor.open()
    expect(visitor.notices).to_contain_text("No poller is running")
    visitor.hand_in("Patience")
    expect(visitor.state).to_contain_text("Nothing has been sent yet")


def test_a_refused_key_is_named_above_the_page_and_on_the_task(
    page: Page, installation: Installation
) -> None:
    installation.valkey()
    installation.simulator()
    installation.poller(OPENAI_API_KEY="sk-wrong")
    installation.api()
    visitor = Visitor(page, installation)
    visitor.open()
    visitor.hand_in("Locked out")
    expect(visitor.state).to_contain_text("OpenAI refuses the API key")
    expect(visitor.notices).to_contain_text("Sending is paused")


def test_when_the_store_dies_the_page_keeps_what_it_shows_and_says_so(
    page: Page, installation: Installation
) -> None:
    store = installation.valkey()
    installation.api()
    visitor = Visitor(page, installation)
    visitor.open()
    visitor.hand_in("Still here")
    store.kill()
    expect(visitor.notices).to_contain_text("The store does not answer")
    expect(visitor.heading).to_have_text("Still here")


def test_a_lost_connection_heals_without_a_reload(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.notices).to_contain_text("Simulator")
    visitor.page.context.set_offline(True)
    expect(visitor.notices).to_contain_text("cannot be reached")
    visitor.page.context.set_offline(False)
    expect(visitor.notices).not_to_contain_text("cannot be reached")


def test_every_view_has_an_address_and_back_leads_back(visitor: Visitor) -> None:
    tasks = [visitor.site.submit(title) for title in ("One way", "Another way")]
    visitor.open_task(tasks[0]["id"])
    visitor.listed.filter(has_text="Another way").first.click()
    expect(visitor.heading).to_have_text("Another way")
    visitor.page.get_by_role("link", name="New task").click()
    expect(visitor.heading).to_have_text("New task")
    visitor.page.go_back()
    expect(visitor.heading).to_have_text("Another way")
    visitor.page.go_back()
    expect(visitor.heading).to_have_text("One way")


def test_a_task_handed_in_elsewhere_appears_in_the_list(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.page.locator(".task-list")).to_be_attached()
    visitor.site.submit("From elsewhere")
    expect(visitor.listed.filter(has_text="From elsewhere")).to_be_visible()


def test_older_tasks_come_on_demand_and_stay(page: Page, installation: Installation) -> None:
    installation.valkey()
    installation.api()
    for number in range(60):
        installation.submit(f"Number {number}")
    visitor = Visitor(page, installation)
    visitor.open()
    expect(visitor.listed).to_have_count(50)
    page.get_by_role("button", name="Show older tasks").click()
    expect(visitor.listed).to_have_count(60)
    expect(visitor.listed.first).to_contain_text("Number 59")
    with page.expect_response("**/v1/tasks?limit=50"):
        pass
    expect(visitor.listed).to_have_count(60)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{"width": 1280, "height": 860}, PHONE])
def test_no_view_has_a_barrier_or_scrolls_sideways(
    visitor: Visitor, scheme: str, screen: dict[str, int]
) -> None:
    ended = visitor.site.submit("Which storage suits a small utility?")["id"]
    failed = visitor.site.submit("No luck [simulate: failed]")["id"]
    visitor.site.ended(ended)
    visitor.site.ended(failed)
    visitor.page.set_viewport_size(screen)
    visitor.page.emulate_media(color_scheme=scheme)
    for address in ("#/new", "#/tasks", "#/system", f"#/tasks/{ended}", f"#/tasks/{failed}"):
        visitor.open(address)
        expect(visitor.heading).to_be_attached()
        expect(visitor.page.locator("[aria-busy]")).to_have_count(0)
        found = Axe().run(visitor.page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], address
        sideways = "document.documentElement.scrollWidth > innerWidth"
        assert not visitor.page.evaluate(sideways), address
