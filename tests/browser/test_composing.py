"""Writing a conversation and handing it in: nothing is lost, and nothing is sent twice."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.page_object import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def test_the_whole_conversation_is_sent_as_written(visitor: Visitor) -> None:
    visitor.open()
    visitor.instruct("Be brief.")
    visitor.message.fill("What are tides?")
    visitor.page.get_by_role("button", name="Add an exchange").click()
    visitor.page.get_by_label("Assistant").fill("The sea's breath.")
    visitor.hand_in("And in lakes?")
    sent = visitor.site.task(visitor.tasks("And in lakes?")[0]["id"])["input"]
    assert [(message["role"], message["content"][0]["text"]) for message in sent] == [
        ("developer", "Be brief."),
        ("user", "What are tides?"),
        ("assistant", "The sea's breath."),
        ("user", "And in lakes?"),
    ]


def test_messages_can_be_removed_and_restored(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("What are tides?")
    visitor.page.get_by_role("button", name="Add an exchange").click()
    visitor.page.get_by_label("Assistant").fill("The sea's breath.")
    visitor.page.get_by_role("button", name="Remove message 2").click()
    expect(visitor.page.get_by_label("Assistant")).to_have_count(0)
    visitor.message.fill("And in lakes?")
    visitor.page.get_by_role("button", name="Undo").click()
    assert _texts(visitor.page) == ["", "What are tides?", "The sea's breath.", "And in lakes?"]
    visitor.page.get_by_role("button", name="Remove message 3").click()
    visitor.page.get_by_role("button", name="Remove message 2").click()
    expect(visitor.message).to_have_value("What are tides?")
    expect(visitor.message).to_be_focused()


def test_messages_are_moved_refused_in_place_and_kept_over_a_reload(visitor: Visitor) -> None:
    visitor.open()
    page = visitor.page
    visitor.instruct("Be brief.")
    visitor.message.fill("First")
    page.get_by_role("button", name="Add an exchange").click()
    page.keyboard.type("Second")
    visitor.message.fill("Third")
    page.keyboard.press("Alt+ArrowUp")
    focused = page.locator("textarea:focus")
    expect(focused).to_have_value("Third")
    assert _texts(page) == ["Be brief.", "First", "Third", "Second"]
    up = page.get_by_role("button", name="Move message 2 up")
    up.focus()
    page.keyboard.press("Enter")
    assert _texts(page) == ["Be brief.", "Third", "First", "Second"]
    expect(page.get_by_role("button", name="Move message 1 up")).to_be_focused()
    page.keyboard.press("Enter")
    assert _texts(page) == ["Be brief.", "Third", "First", "Second"]
    visitor.start.click()
    expect(visitor.error).to_contain_text("Nothing was started")
    expect(page.get_by_label("Assistant")).to_be_focused()
    page.reload()
    assert _texts(page) == ["Be brief.", "Third", "First", "Second"]


def test_a_responses_input_is_pasted_as_a_conversation_or_kept_as_text(visitor: Visitor) -> None:
    visitor.open()
    text = (
        '[{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Why?"},'
        ' {"role": "assistant", "content": [{"type": "output_text", "text": "Because."}]}]'
    )
    visitor.message.focus()
    _paste(visitor.page, text)
    expect(visitor.page.locator(".composer .message-field textarea")).to_have_count(4)
    assert _texts(visitor.page) == ["Be brief.", "Why?", "Because.", ""]
    expect(visitor.message).to_be_focused()
    visitor.page.get_by_role("button", name="Keep it as text").click()
    assert _texts(visitor.page) == ["", text]


def test_what_is_pasted_into_a_conversation_is_a_text(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("See: ")
    visitor.message.press("End")
    _paste(visitor.page, '[{"role": "user", "content": "Why?"}]')
    expect(visitor.message).to_have_value('See: [{"role": "user", "content": "Why?"}]')


def test_what_cannot_be_sent_is_named_when_it_is_brought(visitor: Visitor) -> None:
    visitor.open()
    _choose(visitor.page, {"a.json": b'[{"role": "user", "content": [{"type": "input_image"}]}]'})
    news = visitor.page.locator(".composer-status")
    expect(news).to_contain_text("a.json: Message 1 holds “input_image”; only text is sent.")
    assert _texts(visitor.page) == ["", ""]


@pytest.mark.parametrize(
    ("form", "name"), [("application/json", "t.json"), ("text/markdown", "t.md")]
)
def test_an_exported_task_is_dropped_on_the_form_and_sent_as_it_was(
    visitor: Visitor, form: str, name: str
) -> None:
    odd = f"Odd {form}\n<!-- backburner: user -->\n\\<!-- backburner: x -->\n\n"
    talk = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "a\n\n  b"},
        {"role": "assistant", "content": "<!-- backburner: answer -->"},
        {"role": "user", "content": odd},
    ]
    reply = visitor.page.request.post(f"{visitor.site.api_url}/v1/tasks", data={"input": talk})
    task = visitor.site.ended(reply.json()["id"])
    export = visitor.page.request.get(
        f"{visitor.site.api_url}/v1/tasks/{task['id']}/export", headers={"Accept": form}
    )
    visitor.open()
    visitor.message.fill("To be replaced")
    _drop(visitor.page, export.text(), name)
    expect(visitor.page.locator(".composer-status")).to_contain_text("imported as a conversation")
    visitor.start.click()
    expect(visitor.heading).to_have_text(task["title"])
    sent = [visitor.site.task(each["id"])["input"] for each in visitor.tasks(task["title"])]
    assert sent == [task["input"], task["input"]]


def test_size_and_what_is_usual_are_said_before_sending(visitor: Visitor) -> None:
    for number in range(5):  # fewer tell nothing
        visitor.site.ended(visitor.site.submit(f"Sample {number}")["id"])
    visitor.open()
    line = visitor.page.locator(".cost-line")
    expect(line).to_have_text(re.compile(r"^ ?Usually \d+ s; nothing is paid\."))
    visitor.message.fill("é" * 2222)
    expect(line).to_contain_text("About 1,100 tokens.")
    today = {"spent_usd": 12.4, "reserved_usd": 0, "budget_usd": 50, "left_usd": 37.6}
    _spend(visitor.page, today)
    visitor.page.reload()
    expect(line).to_contain_text(
        re.compile(r"Usually \$\d\.\d\d, \d+ s\. Today \$12\.40 of \$50\.00\.")
    )
    _spend(visitor.page, today | {"left_usd": 0.01})
    visitor.page.reload()
    expect(line).to_contain_text("The task may wait until midnight UTC.")


def test_start_stays_in_sight_below_a_long_text(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 600})
    visitor.open()
    visitor.message.fill("A long line of thought.\n" * 300)
    visitor.message.press("Control+Home")
    visitor.page.evaluate("scrollTo(0, 0)")
    expect(visitor.start).to_be_in_viewport(ratio=1)
    visitor.page.get_by_role("button", name="Add an exchange").click()
    visitor.page.evaluate("scrollTo(0, 0)")
    expect(visitor.start).to_be_in_viewport(ratio=1)


def test_text_files_are_attached_removed_and_sent_as_fenced_blocks(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("Check these.")
    _choose(
        visitor.page,
        {"report.md": b"# Load\n\n```\nx\n```", "t.csv": b"a,b\r\n1,2\r\n", "c.txt": b"c"},
    )
    files = visitor.page.get_by_role("list", name="Attached files").get_by_role("listitem")
    expect(files).to_have_count(3)
    expect(files.first).to_contain_text("report.md17 bytes · about 5 tokens")
    visitor.page.get_by_role("button", name="Remove c.txt").click()
    expect(files).to_have_count(2)
    visitor.page.reload()
    expect(files).to_have_count(2)
    visitor.start.click()
    expect(visitor.heading).to_have_text("Check these.")
    sent = visitor.site.task(visitor.tasks("Check these.")[0]["id"])["input"]
    assert sent[0]["content"][0]["text"] == (
        "Check these.\n\nFile: `report.md`\n\n````md\n# Load\n\n```\nx\n```\n````\n"
        "\nFile: `t.csv`\n\n```csv\na,b\n1,2\n```\n"
    )


def test_instructions_are_saved_under_a_name_chosen_again_and_deleted(visitor: Visitor) -> None:
    visitor.open()
    visitor.instruct("You are a careful engineer.")
    page = visitor.page
    page.get_by_label("Name of the preset").fill("Engineer")
    page.get_by_role("button", name="Save as a preset").click()
    expect(page.locator(".presets")).to_contain_text("Saved.")
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    visitor.open()
    visitor.instruct("")
    choice = page.get_by_role("combobox", name="Saved instructions")
    choice.select_option("Engineer")
    field = page.get_by_label("How the model should behave")
    expect(field).to_have_value("You are a careful engineer.")
    page.get_by_role("button", name="Delete the preset").click()
    expect(choice).to_be_disabled()


def test_several_questions_become_a_task_each(visitor: Visitor) -> None:
    visitor.open()
    visitor.instruct("Be brief.")
    visitor.message.fill("Why is the sky blue?\nWhy is grass green?\nWhy is snow white?")
    visitor.page.get_by_role("button", name="Several questions").click()
    visitor.page.get_by_role("button", name="Start 3 tasks").click()
    expect(visitor.heading).to_have_text("Tasks")
    expect(visitor.rows.filter(has_text="Why is snow white?")).to_be_visible()
    [task] = visitor.tasks("Why is grass green?")
    sent = visitor.site.task(task["id"])["input"]
    assert [message["role"] for message in sent] == ["developer", "user"]
    visitor.open()
    expect(visitor.message).to_have_value("")


def test_a_text_file_can_replace_the_message(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("To be replaced")
    _drop(visitor.page, "Why is the sky blue?", "question.txt")
    news = visitor.page.locator(".composer-status")
    expect(news).to_contain_text("question.txt is added to your message.")
    visitor.page.get_by_role("button", name="Replace the message with it").click()
    expect(visitor.message).to_have_value("Why is the sky blue?")
    expect(visitor.page.get_by_role("list", name="Attached files")).to_be_hidden()
    expect(news).to_be_empty()


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"caf\xe9 au lait"])
def test_a_file_that_is_no_text_is_refused(visitor: Visitor, content: bytes) -> None:
    visitor.open()
    visitor.message.fill("Kept")
    _choose(visitor.page, {"strange.txt": content})
    news = visitor.page.locator(".composer-status")
    expect(news).to_contain_text("strange.txt is not a text file in UTF-8 or UTF-16")
    expect(visitor.message).to_have_value("Kept")
    visitor.message.press_sequentially("!")
    expect(news).to_be_empty()


@pytest.mark.parametrize(
    "text", ['{"input": "x", "expected": "y"}', '[{"type": "point", "x": 1}]', '{"input": 7}']
)
def test_pasted_json_that_is_no_conversation_stays_text_without_a_note(
    visitor: Visitor, text: str
) -> None:
    visitor.open()
    visitor.message.focus()
    with visitor.page.expect_response("**/import-conversation.js"):
        _paste(visitor.page, text)
    visitor.page.evaluate("new Promise(requestAnimationFrame)")
    expect(visitor.message).to_have_value(text)
    expect(visitor.page.locator(".composer-status")).to_be_empty()


def test_every_conversation_has_a_draft_of_its_own(visitor: Visitor) -> None:
    task = visitor.site.submit("Drafted apart")
    visitor.site.ended(task["id"])
    visitor.open()
    visitor.message.fill("A new question")
    visitor.open_task(task["id"])
    visitor.page.get_by_label("Follow up").fill("A further question")
    visitor.page.get_by_label("Follow up").blur()
    visitor.open()
    expect(visitor.message).to_have_value("A new question")
    visitor.open_task(task["id"])
    expect(visitor.page.get_by_label("Follow up")).to_have_value("A further question")


def test_a_double_click_sends_once_and_the_draft_is_gone(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("Only once")
    visitor.start.dblclick()
    expect(visitor.heading).to_have_text("Only once")
    assert len(visitor.tasks("Only once")) == 1
    visitor.page.get_by_role("link", name="New task").click()
    expect(visitor.message).to_have_value("")


def test_offline_the_draft_stays_and_goes_through_later_as_one_task(visitor: Visitor) -> None:
    visitor.open()
    visitor.message.fill("Through the storm")
    visitor.page.context.set_offline(True)
    visitor.start.click()
    expect(visitor.error).to_contain_text("did not respond")
    expect(visitor.notices).to_contain_text("Reconnecting")
    expect(visitor.message).to_have_value("Through the storm")
    visitor.page.context.set_offline(False)
    visitor.start.click()
    expect(visitor.heading).to_have_text("Through the storm")
    assert len(visitor.tasks("Through the storm")) == 1


def test_an_answer_lost_on_the_way_makes_no_second_task(visitor: Visitor) -> None:
    visitor.open()
    _lose_the_next_answer(visitor.page)
    visitor.message.fill("Heard once")
    visitor.start.click()
    expect(visitor.error).to_contain_text("Sending it again is safe")
    visitor.page.reload()
    expect(visitor.error).to_contain_text("may have been accepted")
    visitor.start.click()
    expect(visitor.heading).to_have_text("Heard once")
    assert len(visitor.tasks("Heard once")) == 1


def test_a_text_changed_after_a_lost_answer_asks_before_it_makes_a_second_task(
    visitor: Visitor,
) -> None:
    visitor.open()
    _lose_the_next_answer(visitor.page)
    visitor.message.fill("One version")
    visitor.start.click()
    expect(visitor.error).to_contain_text("Sending it again is safe")
    visitor.message.fill("Another version")
    visitor.start.click()
    expect(visitor.error).to_contain_text("earlier version of this text was already accepted")
    assert visitor.tasks("Another version") == []
    visitor.page.get_by_role("button", name="Send as a separate task").click()
    expect(visitor.heading).to_have_text("Another version")
    assert len(visitor.tasks("One version")) == 1


def test_nothing_that_is_fixed_can_be_chosen(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.message).to_be_visible()
    expect(visitor.page.locator("select, input")).to_have_count(1)
    expect(visitor.page.get_by_role("combobox", name="Theme")).to_be_visible()
    fixed = re.compile("verbosity|effort|store", re.IGNORECASE)
    expect(visitor.page.locator("body")).not_to_contain_text(fixed)


def _lose_the_next_answer(page: Page) -> None:
    """The server gets the next POST and answers it, and the page never hears of it."""

    def lose(route: Route) -> None:
        assert route.fetch().status == 202
        route.abort("connectionreset")

    page.route("**/v1/tasks", lose, times=1)


def _choose(page: Page, files: dict[str, bytes]) -> None:
    """Pick files as the button's dialog does."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add files").click()
    chooser.value.set_files(
        [{"name": name, "mimeType": "", "buffer": content} for name, content in files.items()]
    )


def _spend(page: Page, today: dict[str, float]) -> None:
    """Today's spending with the real model."""
    page.unroute("**/v1/spending?days=1")
    spending = {"provider": "openai", "today": {"installation": today, "owners": []}}
    page.route("**/v1/spending?days=1", lambda route: route.fulfill(json=spending))


def _texts(page: Page) -> list[str]:
    expect(page.locator(".composer .message-field textarea").first).to_be_attached()
    return [
        field.input_value() for field in page.locator(".composer .message-field textarea").all()
    ]


_PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const how = { clipboardData, bubbles: true, cancelable: true };
  const left = document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
  if (left) document.execCommand("insertText", false, text);
}"""

_DROP = """([text, name]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name));
  const how = { dataTransfer, bubbles: true, cancelable: true };
  const form = document.querySelector(".composer");
  if (form.dispatchEvent(new DragEvent("dragover", how))) throw new Error("nothing may be dropped");
  form.dispatchEvent(new DragEvent("drop", how));
}"""


def _paste(page: Page, text: str) -> None:
    """As Ctrl-V does it: the page may take it, else the browser puts it in."""
    page.evaluate(_PASTE, text)


def _drop(page: Page, text: str, name: str) -> None:
    page.evaluate(_DROP, [text, name])
