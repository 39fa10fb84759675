"""The allow-list that every answer's HTML passes last, whatever produced it."""

import re

import nh3
from pygments.token import STANDARD_TYPES

from services.api.rendering.highlighting import LANGUAGES

_SOURCE = re.compile(r"#source-[1-9][0-9]*")
_ALIGNED = {"align-left", "align-center", "align-right"}
# A paragraph in Arabic or Hebrew reads from the right without the page knowing the language.
_OWN_DIRECTION = ("p", "h2", "h3", "h4", "h5", "h6", "li", "th", "td")


def _source_only(url: str) -> str | None:
    return url if _SOURCE.fullmatch(url) else None


_CLEANER = nh3.Cleaner(
    tags={
        *_OWN_DIRECTION,
        *("blockquote", "hr", "ol", "ul", "table", "thead", "tbody", "tr"),
        *("a", "br", "code", "em", "pre", "s", "span", "strong", "sup"),
    },
    clean_content_tags={"script", "style"},
    attributes={"a": {"href", "title", "aria-label"}, "ol": {"start"}},
    tag_attribute_values={"a": {"target": {"_blank"}}},
    set_tag_attribute_values={tag: {"dir": "auto"} for tag in _OWN_DIRECTION},
    allowed_classes={
        "a": {"citation"},
        "code": {f"language-{language}" for language in LANGUAGES},
        "pre": {"code", "plain"},
        "span": {name for name in STANDARD_TYPES.values() if name},
        "td": _ALIGNED,
        "th": _ALIGNED,
    },
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto"},
    url_relative=_source_only,
)


def sanitize(html: str) -> str:
    """The fragment with nothing in it but the tags, attributes, classes and URLs listed here."""
    return _CLEANER.clean(html)
