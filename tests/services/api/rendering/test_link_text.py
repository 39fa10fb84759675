"""A link whose text is an address shows where it leads, if that is elsewhere."""

import pytest

from services.api.rendering.link_text import hidden_destination
from services.api.rendering.markdown import render


@pytest.mark.parametrize(
    ("text", "href", "shown"),
    [
        ("https://bank.example/login", "https://evil.example/login", "evil.example"),
        ("bank.example", "https://evil.example", "evil.example"),
        ("www.bank.example", "http://bank.example.evil.example/", "bank.example.evil.example"),
        ("https://bank.example", "https://bank.example@evil.example/", "evil.example"),
        ("help@bank.example", "mailto:help@evil.example", "evil.example"),
        ("bank.example", "https://b\u0430nk.example", "b\u0430nk.example"),
        ("bank.example", "https://[evil", "https://[evil"),
        ("https://bank.example/a", "https://BANK.example/b", None),
        ("bank.example", "https://www.bank.example:8443/x?y", None),
        ("help@bank.example", "mailto:help@bank.example", None),
        ("the bank", "https://evil.example", None),
        ("v1.2", "https://e.example", None),
        ("", "https://e.example", None),
    ],
)
def test_the_destination_is_named_where_the_text_names_another(
    text: str, href: str, shown: str | None
) -> None:
    assert hidden_destination(text, href) == shown


def test_it_stands_in_the_link_also_around_markup() -> None:
    html = render("[**https://bank.example**](https://evil.example/x) and [a](https://b.example)")
    assert ">https://bank.example</strong> (evil.example)</a>" in html
    assert ">a</a>" in html
