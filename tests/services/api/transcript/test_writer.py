"""What is written is made to be read by people."""

from services.api.transcript.writer import write
from shared.openai.answer import Citation
from tests.services.api.transcript.examples import message, task


def test_a_task_reads_from_its_title_to_its_sources() -> None:
    cited = [
        ("https://example.org/b", "B [draft]\n\\ two"),
        ("https://example.org/a>", "A"),
        ("https://example.org/b", "B again"),
    ]
    written = write(
        task(
            [message("developer", "Be brief."), message("user", "Why?", "How?")],
            title="Why\nis\tthat?",
            completed_at="2025-12-10T04:28:23.104Z",
            cost_usd=1.4289,
            output_text="Because.",
            citations=[Citation(url, title, 0, 1) for url, title in cited],
        )
    )
    assert (
        written
        == """\
<!-- backburner: task -->

# Why is that?

- Task: task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a
- Status: completed
- Created: 2025-12-10T04:09:01.512Z
- Ended: 2025-12-10T04:28:23.104Z
- Cost in US dollars: 1.4289

<!-- backburner: developer -->

Be brief.

<!-- backburner: user -->

Why?

<!-- backburner: part -->

How?

<!-- backburner: answer -->

Because.

<!-- backburner: sources -->

1. [B \\[draft\\] \\\\ two](<https://example.org/b>)
2. [A](<https://example.org/a%3E>)

"""
    )


def test_a_task_without_an_answer_says_why() -> None:
    error = {"code": "quota", "message": "No credit\nis left."}
    written = write(task([message("user", "Why?")], status="failed", error=error))
    assert "- Status: failed\n" in written
    assert "- quota: No credit is left.\n" in written
    assert "backburner: answer" not in written


def test_an_answer_of_the_simulator_is_called_made_up() -> None:
    written = write(task([message("user", "Why?")], provider="simulator", output_text="So."))
    assert "- Made up: the simulator answers, not a model\n" in written


def test_a_line_that_looks_like_a_marker_shows_as_it_is() -> None:
    """A backslash before `<` is Markdown for the character itself."""
    written = write(task([message("user", "Type\n<!-- backburner: user -->\nthere.")]))
    assert "Type\n\\<!-- backburner: user -->\nthere.\n" in written
