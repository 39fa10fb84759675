"""The store knows what may be spent, from the start and within a moment of any change."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.api.auth.token_registry import TokenRegistry
from services.api.spending import budget_sync
from services.api.spending.budget_sync import BudgetSync
from shared.domain.spending import INSTALLATION
from shared.store import keys
from tests.services.api.conftest import PROVIDER


def text(name: str, rest: str) -> str:
    return f'[tokens.{name}]\nsha256 = "{name.encode().hex():0<64}"\n{rest}\n'


async def written(service: Any) -> dict[str, int | None]:
    found = (await service.store.ledger.today()).allowances
    return {scope: allowance.budget for scope, allowance in found.items()}


async def until(service: Any, expected: dict[str, int]) -> None:
    async with asyncio.timeout(5):
        while await written(service) != expected:
            await asyncio.sleep(0.01)


async def test_they_are_written_before_anything_is_served(service: Any) -> None:
    async with BudgetSync(service.store.ledger, TokenRegistry(None), 7_000_000):
        assert await written(service) == {INSTALLATION: 7_000_000}
    async with BudgetSync(service.store.ledger, TokenRegistry(None), None):
        assert await written(service) == {}


async def test_each_owners_follow_the_tokens(service: Any, tmp_path: Path) -> None:
    path = tmp_path / "tokens.toml"
    path.write_text(text("anna", "daily_budget_usd = 2.5") + text("bo", ""))
    token_registry = TokenRegistry(path)
    async with BudgetSync(service.store.ledger, token_registry, 9):
        assert await written(service) == {INSTALLATION: 9, "anna": 2_500_000}
        for rest, expected in (("daily_budget_usd = 3", {"anna": 3_000_000}), ("", {})):
            path.write_text(text("anna", rest))
            token_registry.reload()
            await until(service, {INSTALLATION: 9} | expected)


async def active_owners(service: Any) -> set[bytes]:
    found: set[bytes] = await service.redis.smembers(keys.active_owners(PROVIDER))
    return found


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(text("anna", "") + text("bo", ""), text("bo", ""), {b"bo"}, id="revoked"),
        pytest.param(text("anna", ""), "", set(), id="emptied"),
        pytest.param("", text("anna", ""), {b"anna"}, id="restored"),
        pytest.param(text("anna", ""), text("anna", "") + "# by hand", {b"anna"}, id="edited"),
        pytest.param(text("anna", ""), "[tokens.anna", {b"anna"}, id="unreadable"),
    ],
)
async def test_only_who_has_a_token_in_the_file_may_spend(
    service: Any, tmp_path: Path, before: str, after: str, expected: set[bytes]
) -> None:
    path = tmp_path / "tokens.toml"
    path.write_text(before)
    first, second = TokenRegistry(path), TokenRegistry(path)
    async with (
        BudgetSync(service.store.ledger, first, None),
        BudgetSync(service.store.ledger, second, None),
    ):
        path.write_text(after)
        for replica in (first, second):
            replica.reload()
        async with asyncio.timeout(5):
            while await active_owners(service) != {b"*"} | expected:
                await asyncio.sleep(0.01)
    async with BudgetSync(service.store.ledger, TokenRegistry(None), None):
        assert await active_owners(service) == set(), "without a tokens file nobody needs a token"


async def test_a_restored_store_gets_the_budgets_again(
    service: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(budget_sync, "CHECK_INTERVAL_S", 0.01)
    path = tmp_path / "tokens.toml"
    path.write_text("")
    async with BudgetSync(service.store.ledger, TokenRegistry(path), 9):
        await service.store.ledger.set_budgets({}, owners=["anna"])
        await until(service, {INSTALLATION: 9})
        assert await active_owners(service) == {b"*"}


async def test_an_outage_only_delays_it(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_sync, "RETRY_DELAY_S", 0.01)
    service.server.connected = False
    async with BudgetSync(service.store.ledger, TokenRegistry(None), 9):
        service.server.connected = True
        await until(service, {INSTALLATION: 9})
