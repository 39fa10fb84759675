"""If-None-Match is read as the RFC says, not searched for a piece of text."""

import pytest

from services.api.http.etags import etag_matches


@pytest.mark.parametrize(
    "lines",
    [
        ['W/"7"'],
        ['"7"'],
        ['"6", W/"7"'],
        ['W/"6",W/"7" , "8"'],
        ['"a, b"', '"7"'],
        ["*"],
        [" * "],
    ],
)
def test_a_client_that_names_the_tag_or_any_holds_it(lines: list[str]) -> None:
    assert etag_matches(lines, 'W/"7"')


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ['W/"17"'],
        ['W/"70"'],
        ['"x7"'],
        ["7"],
        ["W/7"],
        ['"*"'],
        ['"6", "8"'],
        ["\"'7'\""],
        ['"W/"'],
    ],
)
def test_a_client_that_names_others_does_not(lines: list[str]) -> None:
    assert not etag_matches(lines, 'W/"7"')
