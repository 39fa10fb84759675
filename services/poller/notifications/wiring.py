"""Wires the messages to people of one poller, where the operator has set channels."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis

from services.poller.notifications.channels import Notifications
from services.poller.notifications.notifier import INTERVAL_S, ChannelNotifier, Sender
from services.poller.notifications.sender import AppriseSender
from shared.store import ChannelInfo, NotificationState, PollerRegistry, Store, SubmissionGate

PUBLISH_INTERVAL_S = 20.0
"""Well within the time for which the channels are shown."""

Periodic = tuple[Callable[[], Awaitable[None]], float]


@dataclass(frozen=True, slots=True)
class NotificationSetup:
    """The settings and what sends; neither where no file is set."""

    settings: Notifications | None = None
    sender: Sender | None = None

    def periodic(
        self,
        poller: str,
        redis: Redis,
        store: Store,
        gate: SubmissionGate,
        fleet: PollerRegistry,
    ) -> Iterator[Periodic]:
        """What the poller runs at intervals: each channel, so that a slow one delays no other."""
        settings = self.settings
        if settings is None or self.sender is None:
            return
        state = NotificationState(redis, gate.provider)
        shown = _shown(settings)
        yield (lambda: state.publish(shown)), PUBLISH_INTERVAL_S
        for channel in settings.channels:
            notifier = ChannelNotifier(
                channel, settings, poller, state, store, gate, fleet, self.sender
            )
            yield notifier.run, INTERVAL_S


def load_notifications(path: Path | None) -> NotificationSetup:
    """Read the file and load apprise. Raises InvalidSetting."""
    if path is None:
        return NotificationSetup()
    settings = Notifications.read(path)
    return NotificationSetup(settings, AppriseSender(settings.channels))


def _shown(settings: Notifications) -> list[ChannelInfo]:
    return [
        ChannelInfo(
            channel.name,
            channel.service,
            sorted(channel.events),
            None if channel.owners is None else sorted(channel.owners),
        )
        for channel in settings.channels
    ]
