"""Channels for tests."""

from typing import Any

from services.poller.notifications.channels import Channel, Notifications


def channel(**fields: Any) -> Channel:
    given = {"name": "team", "url": "json://127.0.0.1:9/s3cret", "events": ["task.completed"]}
    return Channel.model_validate(given | fields)


def notifications(*channels: Channel, **fields: Any) -> Notifications:
    return Notifications(channels=channels or (channel(),), **fields)
