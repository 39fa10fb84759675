"""Writes the owners and their daily budgets to Redis, where the pollers enforce them."""

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

RETRY_DELAY_S = 1.0

CHECK_INTERVAL_S = 5.0
"""Delay between two comparisons with Redis, which may have been restored from a backup."""

log = structlog.get_logger("services.api")


class BudgetSync:
    """Writes the budgets when entered, and again within ``async with`` when the tokens change.

    ``installation`` is in micro-dollars. All replicas must have the same settings and tokens.
    """

    def __init__(self, ledger: Ledger, tokens: TokenRegistry, installation: int | None) -> None:
        self._ledger = ledger
        self._tokens = tokens
        self._installation = installation

    async def __aenter__(self) -> Self:
        changed = self._tokens.changed
        written = await self._write()
        self._task = asyncio.create_task(self._run(changed, written=written))
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(self._task)

    async def _run(self, changed: asyncio.Event, *, written: bool) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_INTERVAL_S if written else RETRY_DELAY_S):
                    await changed.wait()
            changed = self._tokens.changed
            written = await self._write()

    async def _write(self) -> bool:
        """Return whether Redis has the budgets now."""
        try:
            if await self._ledger.set_budgets(self._budgets(), self._owners()):
                log.info("budgets_updated")
        except (RedisError, OSError) as error:
            reason = type(error).__name__
            log.warning("budget_update_failed", error=reason, retry_in_s=RETRY_DELAY_S)
            return False
        return True

    def _budgets(self) -> Mapping[str, int]:
        budgets = {name: token.daily_budget for name, token in self._tokens.tokens.items()}
        budgets[INSTALLATION] = self._installation
        return {scope: budget for scope, budget in budgets.items() if budget is not None}

    def _owners(self) -> frozenset[str] | None:
        """The owners with a token; None without a tokens file, when no token is needed."""
        return None if self._tokens.path is None else frozenset(self._tokens.tokens)
