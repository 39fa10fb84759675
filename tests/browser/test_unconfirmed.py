"""An unconfirmed task: what to look for, and three actions with their cost."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.page_object import Visitor
from tests.harness import Installation

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def test_an_uncertain_task_names_all_that_there_is_to_look_for(visitor: Visitor) -> None:
    task = visitor.site.task(_uncertain(visitor, "Did you hear me?"))
    expect(visitor.state).to_contain_text("may or may not have received this")
    expect(visitor.state).to_contain_text("does not send it again without your decision")
    for known in (task["error"]["message"], task["id"], task["client_request_id"], "2026"):
        expect(visitor.unconfirmed_actions).to_contain_text(known)


def test_the_way_to_openai_says_where_to_look_and_that_twice_is_paid_twice(
    visitor: Visitor,
) -> None:
    visitor.page.route("**/v1/tasks**", _as_if_openai)
    _uncertain(visitor, "Did it reach the real one?")
    expect(visitor.state).to_contain_text("it could be paid twice")
    expect(visitor.unconfirmed_actions).to_contain_text(
        "If OpenAI received the first request, you pay twice"
    )
    expect(visitor.unconfirmed_actions).to_contain_text("you pay for it and do not get the answer")
    logs = visitor.page.get_by_role("link", name="logs of the OpenAI dashboard")
    expect(logs).to_have_attribute("href", "https://platform.openai.com/logs")


def test_a_response_that_was_found_is_attached_and_answers_the_task(visitor: Visitor) -> None:
    task_id = _uncertain(visitor, "Found again")
    [post] = visitor.site.posts(task_id)
    visitor.names(f"https://platform.openai.com/logs/{post['response_id']}")
    expect(visitor.answer).to_be_visible()
    expect(visitor.unconfirmed_actions).to_be_hidden()
    expect(visitor.heading).to_be_focused()
    assert len(visitor.site.posts(task_id)) == 1


def test_what_is_not_the_tasks_response_is_refused_with_the_reason(visitor: Visitor) -> None:
    other = visitor.site.ended(visitor.site.submit("The other one")["id"])
    task_id = _uncertain(visitor, "Not that one")
    visitor.names("task 1")
    expect(visitor.error).to_contain_text("begins with resp_")
    expect(visitor.response_id).to_be_focused()
    visitor.names("resp_never")
    expect(visitor.error).to_contain_text("has no response resp_never")
    assert visitor.site.task(task_id)["status"] == "unconfirmed"
    visitor.names(other["response_id"])
    expect(visitor.response_id).to_have_attribute("aria-invalid", "true")
    expect(visitor.error).to_contain_text("is not this task's response")
    visitor.page.get_by_role("alert").get_by_role("link", name=other["id"]).click()
    expect(visitor.heading).to_have_text("The other one")


def test_while_a_response_is_checked_the_page_says_so(
    page: Page, installation: Installation
) -> None:
    poller = installation.all().processes[2]
    visitor = Visitor(page, installation)
    task_id = _uncertain(visitor, "Being checked")
    poller.stop()
    visitor.names("resp_checked")
    expect(visitor.state).to_contain_text("asking the simulator whether resp_checked")
    expect(visitor.unconfirmed_actions.get_by_role("button", name="Checking…")).to_be_visible()
    page.reload()
    expect(visitor.response_id).to_have_value("resp_checked")
    assert installation.task(task_id)["adopting"] == "resp_checked"


def test_it_is_sent_again_once_and_only_at_the_second_word(visitor: Visitor) -> None:
    task_id = _uncertain(visitor, "Once more")
    yes = visitor.page.get_by_role("button", name="Yes, send it again")
    expect(yes).to_be_hidden()
    visitor.page.get_by_text("Send it again…").dblclick()
    assert len(visitor.tasks("Once more")) == 1
    visitor.page.get_by_text("Send it again…").click()
    yes.dblclick()
    visitor.reads("Retry of an earlier task")
    expect(visitor.heading).to_be_focused()
    [newer, older] = visitor.tasks("Once more")
    assert (newer["retry_of"], older["id"]) == (task_id, task_id)
    visitor.page.get_by_role("link", name="an earlier task").click()
    expect(visitor.state).to_contain_text("Sent again")
    visitor.state.get_by_role("link", name=newer["id"]).click()
    visitor.reads("Retry of an earlier task")


def test_an_answer_lost_while_sending_again_makes_no_second_task(visitor: Visitor) -> None:
    _uncertain(visitor, "Heard at last")
    held: list[Route] = []
    visitor.page.route("**/retry", lambda route: held.append(_fetched(route)), times=1)
    visitor.confirms("Send it again…", "Yes, send it again")
    # The event of the new state may arrive before the reply is given up, or after.
    expect(visitor.state).to_contain_text("Sent again")
    held[0].abort("connectionreset")
    expect(visitor.page.get_by_role("button", name="Sending…")).to_have_count(0)
    expect(visitor.unconfirmed_actions).to_be_hidden()
    expect(visitor.error).to_have_count(0)
    assert len(visitor.tasks("Heard at last")) == 2


def test_sending_again_offline_is_safe_to_repeat(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    _uncertain(visitor, "Through the tunnel")
    visitor.page.context.set_offline(True)
    visitor.confirms("Send it again…", "Yes, send it again")
    expect(visitor.error).to_contain_text("Trying again is safe")
    expect(visitor.error).to_be_in_viewport()
    visitor.page.context.set_offline(False)
    visitor.page.get_by_role("button", name="Yes, send it again").click()
    visitor.reads("Retry of an earlier task")
    assert len(visitor.tasks("Through the tunnel")) == 2


def test_it_is_given_up_by_keyboard_alone(visitor: Visitor) -> None:
    task_id = _uncertain(visitor, "Let go")
    visitor.page.get_by_text("Give up…").focus()
    visitor.page.keyboard.press("Enter")
    assert visitor.site.task(task_id)["status"] == "unconfirmed"
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    expect(visitor.state).to_contain_text("Given up")
    expect(visitor.heading).to_be_focused()
    expect(visitor.page.locator("#announcer")).to_contain_text("Let go: Given up")
    assert visitor.site.task(task_id)["error"]["code"] == "abandoned"


def test_a_way_that_is_closed_by_now_is_told_in_plain_words(visitor: Visitor) -> None:
    visitor.page.route("**/v1/events", lambda route: route.abort())
    task_id = _uncertain(visitor, "Too late")
    visitor.page.route("**/v1/tasks?**", lambda route: route.abort())
    visitor.page.request.post(f"{visitor.site.api_url}/v1/tasks/{task_id}/abandon")
    visitor.names("resp_late")
    visitor.reads("has changed in the meantime")
    visitor.page.unroute("**/v1/tasks?**")
    expect(visitor.state).to_contain_text("Given up")
    visitor.reads("has changed in the meantime")


def _uncertain(visitor: Visitor, question: str) -> str:
    """A task that the simulator took without saying so, on the page."""
    visitor.site.clear_faults()
    visitor.site.fault("accept_then_drop", "create")
    task_id: str = visitor.site.submit(question)["id"]
    visitor.site.until(task_id, "unconfirmed")
    assert visitor.site.fired("accept_then_drop") == 1
    visitor.open_task(task_id)
    expect(visitor.unconfirmed_actions).to_be_visible()
    return task_id


def _as_if_openai(route: Route) -> None:
    """What the page would be told of a task of the real provider."""
    reply = route.fetch()
    text = reply.text().replace('"provider":"simulator"', '"provider":"openai"')
    route.fulfill(response=reply, body=text)


def _fetched(route: Route) -> Route:
    assert route.fetch().ok
    return route
