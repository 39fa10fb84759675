"""Without apprise a poller with channels does not start, and says what to install."""

import sys

import pytest

from services.poller.notifications.sender import AppriseSender
from shared.domain.errors import InvalidSetting
from tests.services.poller.notifications.channels_example import channel


def test_the_missing_package_is_one_sentence_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(InvalidSetting, match=r"needs the package apprise\. Install it: "):
        AppriseSender([channel()])
