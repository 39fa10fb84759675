"""The operator's file is read strictly, and no error repeats an address, which contains tokens."""

from pathlib import Path

import pytest

from services.poller.notifications.channels import MAX_CHANNELS, EventKind, Notifications
from services.poller.notifications.services import SERVICES
from shared.domain.errors import InvalidSetting

GOOD = """\
page_url = "https://answers.example.com/"

[[channels]]
name = "team"
url = "slack://T1JJ3T3L2/A1BRTD4JD/s3cret/#answers"
events = ["task.completed", "budget_warning"]
owners = ["anna"]
"""


def read(tmp_path: Path, text: str) -> Notifications:
    path = tmp_path / "notifications.toml"
    path.write_text(text)
    return Notifications.read(path)


def test_a_file_names_channels_their_events_and_their_owners(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    (team,) = found.channels
    assert found.page_url == "https://answers.example.com"
    assert (team.name, team.service, team.include_answer) == ("team", "slack", False)
    assert team.events == {EventKind.COMPLETED, EventKind.BUDGET_WARNING}
    assert [team.concerns(owner) for owner in ("anna", "bo", None)] == [True, False, False]
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("slack://", "syslog://", "channels.0.url"),
        ("slack://", "file://", "channels.0.url"),
        ("slack://", "dbus://", "channels.0.url"),
        ("slack://", "https://", "channels.0.url"),
        ("slack://", "", "channels.0.url"),
        ('"budget_warning"', '"task.done"', "channels.0.events"),
        ('["task.completed", "budget_warning"]', "[]", "channels.0.events"),
        ('["anna"]', "[]", "channels.0.owners"),
        ('"team"', '"Team room"', "channels.0.name"),
        ("owners", "owner", "channels.0.owner"),
        ("https://answers", "answers", "page_url"),
        ("[[channels]]", "[weekly_digest]\nweekday = 'monday'\nhour = 24\n[[channels]]", "hour"),
        ('name = "team"', 'name = "team', "line 4"),
        (GOOD, "", "channels"),
        (GOOD, GOOD + GOOD.partition("\n\n")[2], "each channel needs a name of its own"),
        (GOOD, GOOD.partition("\n\n")[2] * (MAX_CHANNELS + 1), "channels"),
    ],
)
def test_what_is_wrong_is_named_without_its_value(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    assert old in GOOD
    with pytest.raises(InvalidSetting) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert caught.value.message.startswith("BACKBURNER_NOTIFICATIONS_FILE=")
    assert named in caught.value.message
    assert "s3cret" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="No such file"):
        Notifications.read(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidSetting, match="not UTF-8"):
        Notifications.read(tmp_path / "binary.toml")


def test_no_service_writes_to_this_machine() -> None:
    local = {"blink1", "dbus", "file", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog"}
    assert not SERVICES & (local | {"windows", "exec", "rsyslog", "vapid"})
