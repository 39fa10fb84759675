"""Tells the store who may spend, and how much a day: in all, and by the owner of each token."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

import structlog
from redis.exceptions import RedisError

from services.api.auth.token_registry import TokenRegistry
from shared.domain.spending import INSTALLATION
from shared.runtime.cancellation import cancel_and_wait
from shared.store import Ledger

AGAIN = 1.0
"""Seconds between two tries while the store does not take them."""

CHECK_INTERVAL_S = 5.0
"""Seconds between two comparisons with the store, which may have been restored meanwhile."""

log = structlog.get_logger("services.api")


class Budgets:
    """Writes them within ``async with``, at once and whenever the tokens change.

    ``installation`` is in micro-dollars. All replicas must have the same settings and tokens.
    """

    def __init__(self, ledger: Ledger, tokens: TokenRegistry, installation: int | None) -> None:
        self._ledger = ledger
        self._register = tokens
        self._installation = installation

    async def __aenter__(self) -> Self:
        changed = self._register.changed
        written = await self._write()
        self._follower = asyncio.create_task(self._follow(changed, written=written))
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(self._follower)

    async def _follow(self, changed: asyncio.Event, *, written: bool) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_INTERVAL_S if written else AGAIN):
                    await changed.wait()
            changed = self._register.changed
            written = await self._write()

    async def _write(self) -> bool:
        """Whether the store has them now."""
        try:
            if await self._ledger.set_budgets(self._wanted(), self._owners()):
                log.info("budgets changed")
        except (RedisError, OSError) as error:
            log.warning("budgets not written yet, trying again", error=type(error).__name__)
            return False
        return True

    def _wanted(self) -> Mapping[str, int]:
        given = {name: token.daily_budget for name, token in self._register.tokens.items()}
        given[INSTALLATION] = self._installation
        return {scope: budget for scope, budget in given.items() if budget is not None}

    def _owners(self) -> frozenset[str] | None:
        """Who has a token; None where there is no tokens file, and nobody needs one."""
        return None if self._register.path is None else frozenset(self._register.tokens)
