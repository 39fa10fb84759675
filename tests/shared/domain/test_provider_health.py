"""What several pollers found of the provider is one judgement, in which most calls decide."""

import pytest

from shared.domain.provider_health import ProviderHealth, merge


@pytest.mark.parametrize(
    ("standings", "all_of_them"),
    [
        ([], ProviderHealth(0, 0, 0)),
        ([ProviderHealth(0, 0, 0)], ProviderHealth(0, 0, 0)),
        ([ProviderHealth(3, 1, 200, "HTTP 500")], ProviderHealth(3, 1, 200, "HTTP 500")),
        (
            [ProviderHealth(20, 1, 9000, "ReadTimeout"), ProviderHealth(2, 2, 100, "HTTP 500")],
            ProviderHealth(22, 3, 9000, "HTTP 500"),
        ),
        ([ProviderHealth(2, 0, 100), ProviderHealth(20, 0, 9000)], ProviderHealth(22, 0, 9000)),
        ([ProviderHealth(0, 0, 0), ProviderHealth(4, 0, 300)], ProviderHealth(4, 0, 300)),
    ],
    ids=["none", "no call", "one", "the reason of most failures", "slow", "an idle one"],
)
def test_together(standings: list[ProviderHealth], all_of_them: ProviderHealth) -> None:
    assert merge(standings) == all_of_them
