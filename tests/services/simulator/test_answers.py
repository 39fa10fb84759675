"""Answers look like real ones, are always the same, and the specification's is word for word."""

from typing import Any

import pytest

SPEC_TEXT = (
    "Offshoot: Witness Night\n\n"
    "The first time Mara held the Shard box, it smelled like dust and aspirin.\n\n"
    "It was a lunch\u2011cooler\u2011sized case with a rubber gasket and a red toggle under a "
    "transparent cap."
)
QUESTIONS = [f"Compare sourdough hydration number {n} for beginners" for n in range(12)]


def text_of(response: dict[str, Any]) -> str:
    text: str = response["output"][-1]["content"][0]["text"]
    return text


async def test_the_specs_prompt_gets_the_specs_answer(end: Any) -> None:
    ended = await end("Write a short offshoot to the lina trilogy.")
    reasoning, message = ended["output"]
    assert reasoning == {
        "content": None,
        "encrypted_content": None,
        "id": reasoning["id"],
        "status": None,
        "summary": [],
        "type": "reasoning",
    }
    assert message["content"] == [
        {"annotations": [], "logprobs": [], "text": SPEC_TEXT, "type": "output_text"}
    ]
    assert ended["usage"] == {
        "input_tokens": 30988,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 8034,
        "output_tokens_details": {"reasoning_tokens": 2560},
        "total_tokens": 39022,
    }


async def test_any_other_answer_says_that_nobody_paid_for_it(end: Any) -> None:
    for prompt in (QUESTIONS[0], "No? [simulate: huge 1 MB]"):
        assert "nothing was paid" in text_of(await end(prompt))


async def test_every_citation_covers_exactly_the_link_in_the_text(end: Any) -> None:
    for question in QUESTIONS:
        part = (await end(question))["output"][-1]["content"][0]
        assert part["annotations"]
        for citation in part["annotations"]:
            host = citation["url"].split("/")[2]
            cited = part["text"][citation["start_index"] : citation["end_index"]]
            assert cited == f"([{host}]({citation['url']}))"


async def test_answers_differ_in_form_and_are_the_same_every_time(end: Any) -> None:
    texts = [text_of(await end(question)) for question in QUESTIONS]
    assert texts == [text_of(await end(question)) for question in QUESTIONS]
    everything = "\n".join(texts)
    for form in ("\n## ", "\n- ", "\n1. ", "\n> ", "```python\n", "|:--|", "**", "\n* "):
        assert form in everything
    assert all("sourdough" in text for text in texts)


async def test_a_search_comes_before_the_message_and_only_when_the_tool_was_given(
    end: Any,
) -> None:
    searched = await end(QUESTIONS[0])
    kinds = [item["type"] for item in searched["output"]]
    assert kinds[:3] == ["reasoning", "web_search_call", "web_search_call"]
    actions = [item["action"]["type"] for item in searched["output"] if "action" in item]
    assert actions[0] == "search"
    assert set(actions[1:]) == {"open_page"}
    alone = await end(QUESTIONS[0], tools=[])
    assert [item["type"] for item in alone["output"]] == ["reasoning", "message"]
    assert alone["output"][1]["content"][0]["annotations"] == []


@pytest.mark.parametrize("prompt", ["", "?!", "\n", "| `<script>` | [x](javascript:1)", "日本語"])
async def test_any_prompt_gets_an_answer(prompt: str, end: Any) -> None:
    ended = await end(prompt)
    assert ended["status"] == "completed"
    assert "<script>" not in text_of(ended)


async def test_usage_adds_up_or_is_null_if_asked_for(end: Any) -> None:
    usage = (await end("Why is the sky blue?"))["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["output_tokens"] > usage["output_tokens_details"]["reasoning_tokens"] > 0
    silent = await end("Why? [simulate: null usage]")
    assert (silent["status"], silent["usage"]) == ("completed", None)


async def test_scripts_choose_an_empty_a_refused_and_a_huge_answer(end: Any) -> None:
    empty = await end("Why? [simulate: empty]")
    assert (empty["status"], empty["output"]) == ("completed", [])
    refusal = await end("Why? [simulate: refusal]")
    assert refusal["output"][-1]["content"][0]["type"] == "refusal"
    assert 2_000_000 <= len(text_of(await end("Why? [simulate: huge 2 MB]"))) < 2_001_000
