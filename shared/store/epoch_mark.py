"""How far a store had come, kept outside of it: the only way to know one that was rolled back."""

import asyncio
import fcntl
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from shared.domain.errors import InvalidSetting


@dataclass(frozen=True, slots=True)
class EpochMark:
    """The history that a store is in, and how many claims were made in it."""

    epoch: str
    claims: int


class EpochMarkStore:
    """The highest mark known to the pollers that share ``directory``; without one, to this poller.

    It survives the store and its backups only if it is kept somewhere else.
    """

    def __init__(self, directory: Path | None, provider: str) -> None:
        self._path = None if directory is None else directory / f"high-water-{provider}.json"
        self._mark: EpochMark | None = None

    def read(self) -> EpochMark | None:
        """The mark, or None if there is none yet. Raises InvalidSetting for a damaged file."""
        kept = self._kept()
        if kept is None or (self._mark and self._mark.epoch == kept.epoch):
            return _higher(self._mark, kept)
        return kept

    async def advance(self, mark: EpochMark) -> None:
        """Keep a mark, on disk before this returns; one of an ended history changes nothing."""
        known = self.read()
        if known is not None and known.epoch == mark.epoch:
            await self.replace(mark)

    async def replace(self, mark: EpochMark) -> None:
        """Keep a mark of whatever history the store is in now, on disk before this returns."""
        if self._path is not None and self._kept() != mark:
            await asyncio.to_thread(self._write, self._path, mark)
        same = self._mark is not None and self._mark.epoch == mark.epoch
        self._mark = _higher(self._mark, mark) if same else mark

    def _kept(self) -> EpochMark | None:
        if self._path is None:
            return None
        try:
            kept = orjson.loads(self._path.read_bytes())
            # "history" is the epoch in files that were written up to schema 2.
            return EpochMark(kept.get("epoch") or kept["history"], kept["claims"])
        except FileNotFoundError:
            return None
        except (ValueError, AttributeError, KeyError, TypeError):
            raise InvalidSetting(
                f"{self._path} is damaged. Remove it, and run "
                "`python -m services.poller.cli_mark_restored` if the store was rolled back."
            ) from None

    def _write(self, path: Path, mark: EpochMark) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self._kept()
            if kept is not None and kept.epoch == mark.epoch and kept.claims >= mark.claims:
                return
            fresh = path.with_suffix(".new")
            with fresh.open("wb") as file:
                file.write(orjson.dumps(asdict(mark)))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            _sync(path.parent)


def _higher(one: EpochMark | None, other: EpochMark | None) -> EpochMark | None:
    """Of two marks of one history the later; of a mark and nothing, the mark."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda mark: mark.claims)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system can
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
