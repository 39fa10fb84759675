"""Reads at the start, and twice a day, when the provider will end the active model."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog

from services.poller.decisions.shutdown import announced_shutdown
from services.poller.provider.client import Provider
from services.poller.results import Reply
from shared.store import PollerRegistry

INTERVAL_S = 12 * 3600.0

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class ShutdownWatch:
    """Publishes the provider's date for the API, and logs how many days are left."""

    provider: Provider
    fleet: PollerRegistry

    async def run(self) -> None:
        """Read once. Without an answer, what is known stays."""
        result = await self.provider.retrieve_model()
        if isinstance(result, Reply) and result.status == HTTPStatus.OK:
            await self.fleet.publish_model_shutdown(announced_shutdown(result))
        shutdown = await self.fleet.model_shutdown()
        if shutdown and shutdown.near:
            log.warning(
                "model_shutdown_announced",
                model=shutdown.model,
                date=shutdown.day.isoformat(),
                days_left=shutdown.days_left,
                message=shutdown.message,
            )
