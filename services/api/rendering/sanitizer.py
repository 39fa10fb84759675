"""The allow-list that all rendered HTML passes last."""

import re

import nh3
from pygments.token import STANDARD_TYPES

from services.api.rendering.highlighting import LANGUAGES
from services.api.rendering.mathml import CLASSES

_NOTE = re.compile(r"#(source|footnote)-[1-9][0-9]*")
_LANGUAGE = re.compile(r"[A-Za-z][A-Za-z0-9+#._-]{0,19}")
_ALIGNED = {"align-left", "align-center", "align-right"}
# dir="auto": Arabic and Hebrew paragraphs run from the right without a known language.
_OWN_DIRECTION = ("p", "h3", "h4", "h5", "h6", "li", "th", "td")
# Presentation MathML only: no links, actions, annotations or embedded HTML.
_MATHEMATICS: dict[str, set[str]] = {
    "math": {"display"},
    "menclose": {"notation"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mo": {
        *("form", "fence", "largeop", "lspace", "maxsize", "minsize", "movablelimits"),
        *("rspace", "separator", "stretchy", "symmetric"),
    },
    "mover": {"accent"},
    "mrow": {"displaystyle", "scriptlevel"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"displaystyle", "scriptlevel"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
    "mmultiscripts": set(),
    "mn": set(),
    "mpadded": set(),
    "mphantom": set(),
    "mprescripts": set(),
    "mroot": set(),
    "msqrt": set(),
    "msub": set(),
    "msubsup": set(),
    "msup": set(),
    "mtd": set(),
    "mtext": set(),
    "mtr": set(),
}


def _note_only(url: str) -> str | None:
    return url if _NOTE.fullmatch(url) else None


def _language_only(_tag: str, attribute: str, value: str) -> str | None:
    return None if attribute == "data-language" and not _LANGUAGE.fullmatch(value) else value


_CLEANER = nh3.Cleaner(
    tags={
        *_OWN_DIRECTION,
        *("blockquote", "hr", "ol", "ul", "table", "thead", "tbody", "tr"),
        *("a", "br", "code", "em", "pre", "s", "span", "strong", "sup"),
        *_MATHEMATICS,
    },
    clean_content_tags={"script", "style"},
    attributes={
        "*": set(),  # else title and lang anywhere
        "a": {"href", "title", "aria-label"},
        "ol": {"start"},
        "pre": {"data-language"},
        **_MATHEMATICS,
    },
    tag_attribute_values={"a": {"target": {"_blank"}}},
    set_tag_attribute_values={tag: {"dir": "auto"} for tag in _OWN_DIRECTION},
    allowed_classes={
        "a": {"citation", "footnote"},
        "li": {"task"},
        "ol": {"footnotes"},
        "mtd": set(CLASSES),
        "code": {f"language-{language}" for language in LANGUAGES},
        "pre": {"code", "plain"},
        "span": {name for name in STANDARD_TYPES.values() if name},
        "td": _ALIGNED,
        "th": _ALIGNED,
    },
    attribute_filter=_language_only,
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto"},
    url_relative=_note_only,
)


def sanitize(html: str) -> str:
    """Remove every tag, attribute, class and URL that is not listed here."""
    return _CLEANER.clean(html)
