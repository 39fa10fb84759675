"""Sends a test message to each channel: ``python -m services.poller.cli_test_notifications``."""

import asyncio
import sys
from pathlib import Path

from pydantic import Field

from services.poller.notifications.channels import SETTING, Notifications
from services.poller.notifications.messages import TEST_MESSAGE
from services.poller.notifications.sender import AppriseSender
from shared.domain.errors import InvalidSetting
from shared.runtime.settings import SharedSettings
from shared.runtime.startup import run_main


class _Settings(SharedSettings):
    notifications_file: Path | None = Field(default=None)


async def send_test(settings: Notifications) -> int:
    """Send one message to each channel and print how it went; how many have failed."""
    sender = AppriseSender(settings.channels)
    names = [channel.name for channel in settings.channels]
    reasons = await asyncio.gather(*(sender.send(name, TEST_MESSAGE) for name in names))
    for name, reason in zip(names, reasons, strict=True):
        sys.stdout.write(f"{name}: {'sent' if reason is None else f'failed ({reason})'}\n")
    return sum(reason is not None for reason in reasons)


def start() -> None:
    """Read the settings and send. Raises InvalidSetting if a channel has failed."""
    path = _Settings.from_environment().notifications_file
    if path is None:
        raise InvalidSetting(f"{SETTING} is not set. Set it to the file of channels.")
    if failed := asyncio.run(send_test(Notifications.read(path))):
        raise InvalidSetting(
            f"{failed} of the test messages failed; docs/notifications.md explains the reasons."
        )


if __name__ == "__main__":
    sys.exit(run_main("The test of notifications", start))
