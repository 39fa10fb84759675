"""Sends messages through apprise, an extra package, each in a thread and for a limited time.

apprise blocks, and what it logs may contain a token: only a word about a failure leaves this file.
"""

import asyncio
import importlib
import logging
import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from services.poller.notifications.channels import SETTING, Channel
from services.poller.notifications.messages import Message
from services.poller.notifications.services import SERVICES
from shared.domain.errors import InvalidSetting

SEND_TIMEOUT_S = 30.0
"""Limit for one message. Its thread may take longer, and the channel waits for it."""

SOCKET_TIMEOUT_S = 10.0

_STATUS = re.compile(r"\berror=(\d{3})\b")


class _FailureLog(logging.Handler):
    """Keeps the HTTP status of what apprise logs in each thread, and nothing else of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Called by the logging module."""
        message = record.getMessage()
        if status := _STATUS.search(message):
            self.found.reason = f"http_{status[1]}"
        elif "onnection error" in message:
            self.found.reason = "unreachable"


class AppriseSender:
    """One sender for each channel. Raises InvalidSetting if apprise or a channel is unusable."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        apprise = _load()
        self._log = _FailureLog()
        logger = logging.getLogger("apprise")
        logger.handlers, logger.propagate = [self._log], False
        logger.setLevel(logging.WARNING)
        self._text_format = apprise.NotifyFormat.TEXT
        asset = apprise.AppriseAsset(
            async_mode=False, http_redirects=False, allow_templates=False, storage_mode="memory"
        )
        self._plugins = {
            channel.name: self._plugin(apprise, asset, channel) for channel in channels
        }
        self._busy: set[str] = set()

    async def send(self, channel: str, message: Message) -> str | None:
        """Send one message; returns None, or in one word why it failed, such as http_404."""
        if channel in self._busy:
            return "still_sending"
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[str | None] = loop.create_future()

        def settle(reason: str | None) -> None:
            self._busy.discard(channel)
            if not outcome.done():
                outcome.set_result(reason)

        def run() -> None:
            reason = self._notify(self._plugins[channel], message)
            with suppress(RuntimeError):  # the poller has stopped meanwhile
                loop.call_soon_threadsafe(settle, reason)

        self._busy.add(channel)
        # A daemon, since a poller that stops must not wait for a service that does not answer.
        threading.Thread(target=run, name=f"notify-{channel}", daemon=True).start()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                return await outcome
        except TimeoutError:
            return "timeout"

    def _notify(self, plugin: Any, message: Message) -> str | None:  # noqa: ANN401 -- apprise's own
        self._log.found.reason = "refused"
        try:
            sent = plugin.notify(
                title=message.title, body=message.body, body_format=self._text_format
            )
        except Exception as error:  # noqa: BLE001 -- a plugin may raise anything, with its address
            return type(error).__name__
        return None if sent else str(self._log.found.reason)

    def _plugin(self, apprise: Any, asset: Any, channel: Channel) -> Any:  # noqa: ANN401 -- apprise's own
        """The channel's service. It sends plain text, in which no markup of an answer acts."""
        plugin = apprise.Apprise.instantiate(channel.url.get_secret_value(), asset=asset)
        if plugin is None:
            raise InvalidSetting(
                f"{SETTING}: apprise cannot use the url of the channel {channel.name}"
                f" ({channel.service}://). Compare it with apprise's page for this service."
            )
        plugin.notify_format = self._text_format
        plugin.socket_connect_timeout = plugin.socket_read_timeout = SOCKET_TIMEOUT_S
        return plugin


def _load() -> Any:  # noqa: ANN401 -- the module
    """Import apprise, and disable in this process what is not in SERVICES."""
    try:
        apprise = importlib.import_module("apprise")
        plugins = importlib.import_module("apprise.manager_plugins")
    except ModuleNotFoundError:
        raise InvalidSetting(
            f"{SETTING} needs the package apprise. Install it: "
            ".venv/bin/python -m pip install --require-hashes -r requirements-notify.lock"
        ) from None
    plugins.NotificationManager().enable_only(*SERVICES)
    return apprise
