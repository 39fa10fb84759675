"""What is remembered of a store only rises, outlives the poller, and is shared on a machine."""

import asyncio
from pathlib import Path

import pytest

from shared.domain.errors import InvalidSetting
from shared.store import EpochMark, EpochMarkStore


@pytest.mark.parametrize("directory", [None, Path("marks")])
async def test_it_follows_a_store_and_rises_with_its_claims(
    directory: Path | None, tmp_path: Path
) -> None:
    high_water = EpochMarkStore(directory and tmp_path / directory, "openai")
    assert high_water.read() is None
    await high_water.replace(EpochMark("a", 3))
    for claims in (5, 4):
        await high_water.advance(EpochMark("a", claims))
    assert high_water.read() == EpochMark("a", 5)


async def test_a_claim_of_an_ended_history_changes_nothing(tmp_path: Path) -> None:
    high_water = EpochMarkStore(tmp_path, "openai")
    await high_water.replace(EpochMark("a", 5))
    await high_water.replace(EpochMark("b", 1))
    await high_water.advance(EpochMark("a", 6))
    assert high_water.read() == EpochMark("b", 1)


async def test_it_outlives_its_poller_and_is_shared_by_those_beside_it(tmp_path: Path) -> None:
    one, other = EpochMarkStore(tmp_path, "openai"), EpochMarkStore(tmp_path, "openai")
    await one.replace(EpochMark("a", 1))
    await other.replace(EpochMark("a", 1))
    await asyncio.gather(*(one.advance(EpochMark("a", claims)) for claims in range(2, 30)))
    assert other.read() == EpochMarkStore(tmp_path, "openai").read() == EpochMark("a", 29)
    await one.replace(EpochMark("b", 0))
    assert other.read() == EpochMark("b", 0)


async def test_each_provider_has_its_own(tmp_path: Path) -> None:
    await EpochMarkStore(tmp_path, "openai").replace(EpochMark("a", 1))
    assert EpochMarkStore(tmp_path, "simulator").read() is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"history": "a"}', b"null"])
async def test_a_damaged_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "high-water-openai.json").write_bytes(content)
    with pytest.raises(InvalidSetting) as refused:
        EpochMarkStore(tmp_path, "openai").read()
    assert "services.poller.cli_mark_restored" in refused.value.message
