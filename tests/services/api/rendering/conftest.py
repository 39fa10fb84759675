"""Reads a rendered answer with a parser that has no part in making it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

DIR = {"dir": r"auto"}
ALIGNED = {"class": r"align-(left|center|right)", **DIR}
YES = r"true|false"
EM = r"-?\d*\.?\d*(em|rem)?"
LINE = r"(joined|line|align)-(left|right|top|bottom)"
MATHEMATICS: dict[str, dict[str, str]] = {
    "math": {"display": r"block"},
    "menclose": {"notation": r"[a-z]*"},
    "mfrac": {"linethickness": r"\d*"},
    "mi": {"mathvariant": r"normal"},
    "mo": {
        **dict.fromkeys(("fence", "largeop", "movablelimits", "separator", "stretchy"), YES),
        **dict.fromkeys(("lspace", "maxsize", "minsize", "rspace"), EM),
        "form": r"prefix|infix|postfix",
        "symmetric": YES,
    },
    "mover": {"accent": YES},
    "mspace": {"width": EM},
    "mtd": {"class": rf"{LINE}( {LINE})*"},
    **{tag: {"displaystyle": YES, "scriptlevel": r"\d"} for tag in ("mrow", "mstyle", "mtable")},
    "munder": {"accentunder": YES},
    "munderover": {"accent": YES, "accentunder": YES},
    **{tag: {} for tag in ("mmultiscripts", "mn", "mpadded", "mphantom", "mprescripts", "mroot")},
    **{tag: {} for tag in ("msqrt", "msub", "msubsup", "msup", "mtext", "mtr")},
}
ALLOWED: dict[str, dict[str, str]] = {
    **dict.fromkeys(("p", "h3", "h4", "h5", "h6"), DIR),
    "li": {"class": r"task", **DIR},
    **dict.fromkeys(("th", "td"), ALIGNED),
    **{tag: {} for tag in ("blockquote", "br", "hr", "table", "tbody", "thead", "tr", "ul")},
    **{tag: {} for tag in ("em", "s", "strong", "sup")},
    "ol": {"start": r"\d{1,9}", "class": r"footnotes"},
    "pre": {"class": r"code|plain", "data-language": r"[a-z][a-z0-9+#._-]*"},
    "code": {"class": r"language-[a-z]+"},
    "span": {"class": r"[a-z][a-z0-9]{0,2}"},
    "a": {
        "href": r"(?i:https?://|mailto:)[^\s<>\"]*|#(source|footnote)-[1-9]\d*",
        "class": r"citation|footnote",
        "title": r"(?s).*",
        "aria-label": r"(Source|Footnote) [1-9]\d*",
        "target": r"_blank",
        "rel": r"noopener noreferrer nofollow",
    },
    **MATHEMATICS,
}


@dataclass
class Page:
    """What a reader would find in a fragment."""

    tags: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, f"<{tag}>"
        for name, value in attrs:
            assert name in ALLOWED[tag], f"<{tag} {name}>"
            assert re.fullmatch(ALLOWED[tag][name], value or ""), f"<{tag} {name}={value!r}>"
        self.page.tags.append(tag)
        if tag == "a":
            assert "a" not in self.open, "a link in a link"
            self.page.links += [value or "" for name, value in attrs if name == "href"]
            assert ("rel", "noopener noreferrer nofollow") in attrs
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.page.text += data

    def refuse(self, data: str) -> None:
        raise AssertionError(data)

    handle_comment = handle_decl = handle_pi = unknown_decl = refuse


def read(html: str) -> Page:
    """The fragment's content; fails on anything that is not on the list, or not closed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader.page


@pytest.fixture(name="read", scope="session")
def read_() -> Callable[[str], Page]:
    return read
