"""The page can show which channels the operator has set, and nobody learns of another's tasks."""

from typing import Any

from services.api.auth.principal import Principal
from services.api.routes.notifications import read_notifications
from shared.store import ChannelInfo, ChannelProgress, NotificationState
from tests.services.api.conftest import PROVIDER, Service

CHANNELS = [
    ChannelInfo("team", "slack", ["task.completed"], None),
    ChannelInfo("anna", "ntfys", ["budget_warning"], ["anna"]),
    ChannelInfo("bo", "mailtos", ["task.failed"], ["bo"]),
]
FAILING = ChannelProgress(attempts=2, failing_since=1_000, problem="http_404", last_sent_at=500)


async def channels(service: Service, owner: str | None = None) -> list[dict[str, Any]]:
    """What an owner is shown; an admin where None."""
    context = service.context()
    state = NotificationState(service.redis, PROVIDER)
    await state.publish(CHANNELS)
    for channel in CHANNELS:
        await state.save(channel.name, FAILING)
    found: list[dict[str, Any]] = (
        await read_notifications(context, Principal(owner, admin=owner is None))
    )["channels"]
    return found


async def test_without_a_setting_the_list_is_empty(service: Service) -> None:
    reply = await service.http.get("/v1/notifications")
    assert (reply.status_code, reply.json()) == (200, {"channels": []})


async def test_an_admin_sees_every_channel_and_how_it_goes(service: Service) -> None:
    found = await channels(service)
    assert [each["name"] for each in found] == ["team", "anna", "bo"]
    assert found[1] == {
        "name": "anna",
        "service": "ntfys",
        "events": ["budget_warning"],
        "owners": ["anna"],
        "last_sent_at": "1970-01-01T00:00:00.500Z",
        "failing_since": "1970-01-01T00:00:01.000Z",
        "problem": "http_404",
    }


async def test_an_owner_sees_its_channels_and_of_a_shared_one_neither_owners_nor_times(
    service: Service,
) -> None:
    team, own = await channels(service, "anna")
    assert (team["name"], team["owners"], team["last_sent_at"], team["problem"]) == (
        ("team", None, None, None)
    )
    assert (own["name"], own["problem"]) == ("anna", "http_404")
