"""Sees what a page lets happen: dialogs, requests elsewhere, violations of its policy."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, Route


def watched(page: Page) -> list[str]:
    """All that happens from now on, in words."""
    seen: list[str] = []

    def elsewhere(route: Route) -> None:
        seen.append(f"request {route.request.url}")
        route.abort()

    page.route(lambda url: urlsplit(url).hostname not in {"127.0.0.1", None}, elsewhere)
    page.on("dialog", lambda dialog: (seen.append("dialog"), dialog.dismiss()))
    page.on(
        "console",
        lambda said: seen.append("violation") if "policy violated" in said.text else None,
    )
    return seen


def calls(seen: list[str]) -> int:
    """How many of it are requests elsewhere."""
    return sum(each.startswith("request http") for each in seen)
