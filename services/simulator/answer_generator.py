"""Answers to any question: made up, deterministic, in the forms that real answers take."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

MADE_BY = "*Written by Backburner's simulator: no model was asked and nothing was paid.*"

_WORD = re.compile(r"[^\W_][\w'\u2019-]*")
_COMMON = re.compile(
    r".{1,3}|about|critique|describe|does|explain|from|give|have|into|list|long|make|more|please|"
    r"short|should|some|tell|that|their|this|what|when|where|which|with|would|write|your",
    re.IGNORECASE,
)
_LONGEST_SUBJECT = 72
_FEWEST_WORDS, _MOST_WORDS = 3, 5
_SPARE_WORDS = ("context", "evidence", "trade-offs")
_SITES = (
    ("encyclopedia.example.org", "Encyclopedia of Examples"),
    ("journal.example.com", "Journal of Placeholder Studies"),
    ("archive.example.net", "The Example Archive"),
)


@dataclass(frozen=True)
class Citation:
    """Characters `start` to `end` (code points) of the text point at `url`."""

    start: int
    end: int
    url: str
    title: str


@dataclass(frozen=True)
class Answer:
    """A text, what it cites, and what was searched for on the way."""

    text: str
    citations: tuple[Citation, ...] = ()
    query: str | None = None


class _Draft:
    """A text under way, which knows where its citations lie."""

    def __init__(self, question: str, *, searched: bool) -> None:
        self.subject = _subject(question)
        self.words = _keywords(question)
        self.chance = int.from_bytes(hashlib.sha256(question.encode()).digest()[:4])
        self.query = " ".join(self.words) if searched else None
        self.text = ""
        self.citations: list[Citation] = []

    def add(self, text: str, site: int | None = None) -> None:
        """One block of Markdown, with a reference to `site` behind it if the web was searched."""
        self.text += text
        if site is not None and self.query:
            self._cite(*_SITES[site])
        self.text += "\n\n"

    def answer(self) -> Answer:
        """The text as it stands."""
        return Answer(self.text + MADE_BY, tuple(self.citations), self.query)

    def _cite(self, host: str, title: str) -> None:
        url = f"https://{host}/{quote('-'.join(self.words).lower())}"
        reference = f"([{host}]({url}))"
        start = len(self.text) + 1
        self.text += f" {reference}"
        end = start + len(reference)
        self.citations.append(Citation(start, end, url, f"{self.subject} | {title}"))


def compose(question: str, *, searched: bool) -> Answer:
    """The answer to `question`, always the same; it cites sources if the web was searched."""
    draft = _Draft(question, searched=searched)
    forms = (_briefing, _guide, _essay)
    forms[draft.chance % len(forms)](draft)
    return draft.answer()


def _briefing(draft: _Draft) -> None:
    first, second, third = draft.words[:3]
    share = 20 + draft.chance % 60
    draft.add(f"# {draft.subject}")
    draft.add(f"**In short:** {first} matters most, and {second} decides how far it carries.", 0)
    draft.add("## What stands out")
    draft.add(
        f"- **{first}**: roughly {share} % of the effect 📌\n"
        f"- **{second}**: slower, but it lasts\n"
        f"  - least visible at the start\n"
        f"- **{third}**: easy to overrate",
        1,
    )
    draft.add("## Side by side")
    draft.add(
        "| Aspect | Effort | Effect |\n|:--|:-:|--:|\n"
        f"| {first} | low | {share} % |\n| {second} | medium | {90 - share} % |\n"
        f"| {third} | high | 10 % |"
    )
    draft.add(f"## Recommendation\n\nStart with `{first}`, then look again at {second}.", 2)


def _guide(draft: _Draft) -> None:
    first, second, third = draft.words[:3]
    draft.add(f"## {draft.subject}: step by step")
    draft.add(
        f"Four steps are enough \u2013 the third is the one that people skip 📌 ({third}).", 0
    )
    draft.add(
        f"1. Write down what **{first}** means here.\n"
        f"2. Separate *{second}* from everything else.\n"
        f"3. Check {third} against a known case.\n"
        "4. Only then automate."
    )
    draft.add("### A small example")
    draft.add(
        "```python\n"
        "def score(weights: dict[str, float]) -> float:\n"
        '    """The weighted mean; 0 for nothing at all."""\n'
        "    return sum(weights.values()) / max(len(weights), 1)\n\n\n"
        f'print(score({{"{first}": 0.{draft.chance % 9 + 1}, "{second}": 0.5}}))\n'
        "```"
    )
    draft.add("### Pitfalls")
    draft.add(f"> What is not measured about {first} is soon forgotten.")
    draft.add(f"- mistaking {second} for {third}\n- stopping too early", 1)


def _essay(draft: _Draft) -> None:
    first, second, third = draft.words[:3]
    draft.add(f"# {draft.subject}\n\n## Overall")
    draft.add(
        f"Whoever asks about “{first}” is usually asking about *{second}* \u2013 and the two are "
        "less alike than they look 📌.",
        0,
    )
    draft.add("## A closer look")
    draft.add(
        f"Take {third} first. It is the quiet part, the one that nobody quotes; without it "
        f"{first} would be a slogan and {second} a list of wishes.",
        1,
    )
    draft.add("> The second reading is where the work begins.")
    draft.add(f"What remains:\n\n* {first}, as a question\n* {second}, as a habit\n\n---")


def _subject(question: str) -> str:
    """The first words of the question, without anything that Markdown would take for its own."""
    first_line = question.strip().partition("\n")[0][:200]
    subject = ""
    for word in _WORD.findall(first_line):
        if len(subject) + len(word) > _LONGEST_SUBJECT:
            break
        subject += f" {word}"
    return subject.strip() or "Your question"


def _keywords(question: str) -> list[str]:
    """Three to five words that the question is about."""
    words = [word[:40] for word in _WORD.findall(question[:2000])]
    telling = list(dict.fromkeys(word for word in words if not _COMMON.fullmatch(word)))
    return (telling[:_MOST_WORDS] + list(_SPARE_WORDS))[: max(_FEWEST_WORDS, len(telling))]
