"""Accessibility of every view: axe, a visible focus, reduced motion, no sideways scrolling."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from tests.browser.page_object import Visitor
from tests.browser.test_thread import follow
from tests.harness import Installation, http

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SCREENS: list[ViewportSize] = [{"width": 1280, "height": 860}, {"width": 360, "height": 740}]
EVERY_STEP = 60
"""Steps with Tab through a view, more than any of them has outside the list of tasks."""

# The outline of what has the focus, against what it is drawn on: [name, width in px, contrast].
OUTLINE = """() => {
  const it = document.activeElement;
  if (it === null || it === document.body) return null;
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parts = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  };
  const light = (colour) => {
    const [r, g, b] = [...parts(colour)].map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(it);
  const ground = (element) => getComputedStyle(element).backgroundColor;
  let under = it.parentElement;
  while (under !== document.body && parts(ground(under))[3] < 255) under = under.parentElement;
  const [a, b] = [style.outlineColor, ground(under)].map(light);
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const width = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
  return [it.outerHTML.slice(0, 90), width, contrast];
}"""


WIDTH = "document.documentElement.scrollWidth"


@dataclass
class Case:
    """A view by its address, and what a person does there."""

    address: str
    prepare: Callable[[Visitor], None] = lambda _: None


def _composed(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Add an exchange").click()
    visitor.start.click()  # with nothing written, so that it complains
    expect(visitor.page.locator("[aria-invalid]").first).to_be_visible()


def _refused(visitor: Visitor, response: str) -> None:
    visitor.names(response)
    expect(visitor.error.get_by_role("link")).to_be_visible()
    for ask in ("Send it again…", "Give up…"):
        visitor.page.get_by_text(ask).click()


def _asked(visitor: Visitor) -> None:
    visitor.page.get_by_text("Cancel this task…").click()


def _answered(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("region", name="Turn 2 of 2", exact=True)).to_be_visible()
    expect(visitor.answer.locator(".code-box").first).to_be_visible()
    _again(visitor)


def _again(visitor: Visitor) -> None:
    visitor.asks("Try again…")
    visitor.asks("Delete it…")


def _table(visitor: Visitor) -> None:
    visitor.page.get_by_text("Show as a table").click()


def _notified(visitor: Visitor) -> None:
    """A webhook with a new secret, everything unfolded, and a form that complains."""
    visitor.reads("The operator has set none for you")
    hook = visitor.page.locator(".webhook")
    hook.get_by_text("New secret…").click()
    hook.get_by_role("button", name="Make a new secret").click()
    expect(hook.get_by_label("Signing secret")).to_be_visible()
    for part in ("New secret…", "Delete…", "Latest deliveries"):
        hook.get_by_text(part).click()
    expect(hook).to_contain_text("Nothing was sent yet.")
    visitor.page.get_by_role("button", name="Add webhook").click()
    expect(visitor.error).to_be_visible()


def _shortcuts(visitor: Visitor) -> None:
    visitor.page.keyboard.press("?")
    expect(visitor.page.get_by_role("dialog", name="Shortcuts")).to_be_visible()


def _locked(visitor: Visitor) -> None:
    visitor.page.route("**/v1/**", _unauthorized)
    visitor.open()
    expect(visitor.heading).to_have_text("Sign in")


def _unauthorized(route: Route) -> None:
    route.fulfill(status=401, content_type="application/problem+json", body="{}")


@pytest.fixture(scope="module")
def views(site: Installation) -> dict[str, Case]:
    """Every view, in every state that looks different."""
    answered = site.submit("Show me a program and its figures")["id"]
    response = site.ended(answered)["response_id"]
    follow(site, answered, "And a large one?")
    failed = site.submit("No luck [simulate: failed]")["id"]
    site.ended(failed)
    waiting = site.submit("Patience [simulate: never ends]")["id"]
    site.until(waiting, "in_progress")
    site.fault("accept_then_drop", "create")
    doubtful = site.submit("Did you hear me?")["id"]
    site.until(doubtful, "unconfirmed")
    hook = {"url": "https://8.8.8.8/hooks", "tasks": "named"}  # to which nothing is sent
    http.post(f"{site.api_url}/v1/webhook-endpoints", json=hook).raise_for_status()
    return {
        "new": Case("#/new", _composed),
        "branch": Case(f"#/new?from={answered}"),
        "waiting": Case(f"#/tasks/{waiting}", _asked),
        "answered": Case(f"#/tasks/{answered}", _answered),
        "failed": Case(f"#/tasks/{failed}", _again),
        "unconfirmed": Case(f"#/tasks/{doubtful}", partial(_refused, response=response)),
        "no such task": Case("#/tasks/task_00000000000000000000000000000000"),
        "list": Case("#/tasks"),
        "nothing found": Case("#/tasks?q=xyzzyx&status=failed"),
        "system": Case("#/system", _table),
        "notify": Case("#/notify", _notified),
        "shortcuts": Case("#/tasks", _shortcuts),
        "unknown": Case("#/nowhere"),
        "sign-in": Case("#/new", _locked),
    }


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("screen", SCREENS, ids=["desktop", "phone"])
def test_no_view_has_a_barrier_or_scrolls_sideways(
    visitor: Visitor,
    views: dict[str, Case],
    scheme: Literal["light", "dark"],
    screen: ViewportSize,
) -> None:
    """At 200 % zoom a desktop is 640 px wide; 820 px is a tablet's."""
    visitor.page.emulate_media(color_scheme=scheme)
    for name, case in views.items():
        visitor.page.set_viewport_size(screen)
        _stand(visitor, case)
        assert _violations(visitor.page) == [], name
        for width in (screen["width"], 320, 640, 820):
            visitor.page.set_viewport_size({"width": width, "height": 740})
            assert visitor.page.evaluate(WIDTH) <= width, (name, width)


def test_forced_colours_are_no_barrier_and_keep_the_marks(
    visitor: Visitor, views: dict[str, Case]
) -> None:
    visitor.page.emulate_media(forced_colors="active")
    outline = "(it) => getComputedStyle(it).outlineStyle"
    for name, case in views.items():
        _stand(visitor, case)
        assert _violations(visitor.page) == [], name
        for current in visitor.page.locator("a[aria-current]:visible").all():
            assert current.evaluate(outline) == "solid", (name, current.inner_text())


def _violations(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
    return [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_focus_is_seen_wherever_tab_leads(
    visitor: Visitor, views: dict[str, Case], scheme: Literal["light", "dark"]
) -> None:
    visitor.page.emulate_media(color_scheme=scheme)
    for name, case in views.items():
        _stand(visitor, case)
        seen = [each for each in _steps(visitor.page) if each is not None]
        assert len({what for what, _, _ in seen}) > 1, name
        assert [each for each in seen if each[1] < 2 or each[2] < 3] == [], name


def test_who_wants_no_motion_gets_none(
    browser: Browser, site: Installation, views: dict[str, Case]
) -> None:
    moving = "document.getAnimations().length"
    for wish, some in (("no-preference", True), ("reduce", False)):
        page = browser.new_page(reduced_motion=wish)
        visitor = Visitor(page, site)
        _stand(visitor, views["waiting"])
        assert (page.evaluate(moving) > 0) is some, wish
        page.close()


def _stand(visitor: Visitor, case: Case) -> None:
    visitor.page.unroute("**/v1/**")
    visitor.open(case.address)
    expect(visitor.heading).to_be_attached()
    expect(visitor.heading).not_to_have_text("Loading…")
    expect(visitor.page.locator("[aria-busy]")).to_have_count(0)
    case.prepare(visitor)


def _steps(page: Page) -> Iterator[tuple[str, float, float] | None]:
    for _ in range(EVERY_STEP):
        page.keyboard.press("Tab")
        yield page.evaluate(OUTLINE)
