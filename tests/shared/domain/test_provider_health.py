"""What several pollers found of the provider is one judgement, in which most calls decide."""

import pytest

from shared.domain.provider_health import Standing, together


@pytest.mark.parametrize(
    ("standings", "all_of_them"),
    [
        ([], Standing(0, 0, 0)),
        ([Standing(0, 0, 0)], Standing(0, 0, 0)),
        ([Standing(3, 1, 200, "HTTP 500")], Standing(3, 1, 200, "HTTP 500")),
        (
            [Standing(20, 1, 9000, "ReadTimeout"), Standing(2, 2, 100, "HTTP 500")],
            Standing(22, 3, 9000, "HTTP 500"),
        ),
        ([Standing(2, 0, 100), Standing(20, 0, 9000)], Standing(22, 0, 9000)),
        ([Standing(0, 0, 0), Standing(4, 0, 300)], Standing(4, 0, 300)),
    ],
    ids=["none", "no call", "one", "the reason of most failures", "slow", "an idle one"],
)
def test_together(standings: list[Standing], all_of_them: Standing) -> None:
    assert together(standings) == all_of_them
