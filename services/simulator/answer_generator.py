"""Generates a deterministic answer to any question, in the forms that real answers take."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

MADE_BY = "*Written by Backburner's simulator: no model was asked and nothing was paid.*"

_WORD = re.compile(r"[^\W_][\w'\u2019-]*")
_STOP_WORD = re.compile(
    r".{1,3}|about|critique|describe|does|explain|from|give|have|into|list|long|make|more|please|"
    r"short|should|some|tell|that|their|this|what|when|where|which|with|would|write|your",
    re.IGNORECASE,
)
_MAX_SUBJECT_CHARS = 72
_MIN_KEYWORDS, _MAX_KEYWORDS = 3, 5
_SPARE_KEYWORDS = ("context", "evidence", "trade-offs")
_SITES = (
    ("encyclopedia.example.org", "Encyclopedia of Examples"),
    ("journal.example.com", "Journal of Placeholder Studies"),
    ("responses.example.net", "The Example ResponseStore"),
)
_CITATION = re.compile(r"\[\[(\d)\]\]")
"""Marks where a template cites the site of that number."""

_BRIEFING = """\
# {subject}

**In short:** {a} matters most, and {b} decides how far it carries.[[0]]

## What stands out

- **{a}**: roughly {share} % of the effect 📌
- **{b}**: slower, but it lasts
  - least visible at the start
- **{c}**: easy to overrate[[1]]

## Side by side

| Aspect | Effort | Effect |
|:--|:-:|--:|
| {a} | low | {share} % |
| {b} | medium | {rest} % |
| {c} | high | 10 % |

## Recommendation

Start with `{a}`, then look again at {b}.[[2]]

"""
_GUIDE = """\
## {subject}: step by step

Four steps are enough \u2013 the third is the one that people skip 📌 ({c}).[[0]]

1. Write down what **{a}** means here.
2. Separate *{b}* from everything else.
3. Check {c} against a known case.
4. Only then automate.

### A small example

```python
def score(weights: dict[str, float]) -> float:
    \"""The weighted mean; 0 for nothing at all.\"""
    return sum(weights.values()) / max(len(weights), 1)


print(score({{"{a}": 0.{digit}, "{b}": 0.5}}))
```

### Pitfalls

> What is not measured about {a} is soon forgotten.

- mistaking {b} for {c}
- stopping too early[[1]]

"""
_ESSAY = """\
# {subject}

## Overall

Many who ask about “{a}” mean *{b}* \u2013 and the two are less alike than they look 📌.[[0]]

## A closer look

Take {c} first. It is the quiet part, the one that is never quoted; without it {a} would be a \
slogan and {b} a list of wishes.[[1]]

> The second reading is where the work begins.

What remains:

* {a}, as a question
* {b}, as a habit

---

"""
_TEMPLATES = (_BRIEFING, _GUIDE, _ESSAY)


@dataclass(frozen=True)
class Citation:
    """Characters ``start`` to ``end`` (code points) of the text link to ``url``."""

    start: int
    end: int
    url: str
    title: str


@dataclass(frozen=True)
class Answer:
    """A text, its citations, and the search query that led to them."""

    text: str
    citations: tuple[Citation, ...] = ()
    query: str | None = None


def compose(question: str, *, searched: bool) -> Answer:
    """Return the answer to the question, always the same. With ``searched``, it cites sources."""
    chance = int.from_bytes(hashlib.sha256(question.encode()).digest()[:4])
    keywords, subject, share = _keywords(question), _subject(question), 20 + chance % 60
    a, b, c = keywords[:3]
    parts = {"a": a, "b": b, "c": c, "share": share, "rest": 90 - share, "digit": chance % 9 + 1}
    draft = _TEMPLATES[chance % len(_TEMPLATES)].format(subject=subject, **parts)
    path = quote("-".join(keywords).lower())
    first, *others = _CITATION.split(draft)
    text, citations = first, list[Citation]()
    for number, following in zip(others[::2], others[1::2], strict=True):
        host, site = _SITES[int(number)]
        url = f"https://{host}/{path}"
        if searched:
            reference = f"([{host}]({url}))"
            start = len(text) + 1
            title = f"{subject} | {site}"
            citations.append(Citation(start, start + len(reference), url, title))
            text += f" {reference}"
        text += following
    return Answer(text + MADE_BY, tuple(citations), " ".join(keywords) if searched else None)


def _subject(question: str) -> str:
    """Return the first words of the question, without characters that Markdown interprets."""
    subject = ""
    for word in _WORD.findall(question.strip().partition("\n")[0][:200]):
        if len(subject) + len(word) > _MAX_SUBJECT_CHARS:
            break
        subject += f" {word}"
    return subject.strip() or "Your question"


def _keywords(question: str) -> list[str]:
    words = [word[:40] for word in _WORD.findall(question[:2000])]
    found = list(dict.fromkeys(word for word in words if not _STOP_WORD.fullmatch(word)))
    return (found[:_MAX_KEYWORDS] + list(_SPARE_KEYWORDS))[: max(_MIN_KEYWORDS, len(found))]
