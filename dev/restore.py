"""Puts a backup in the place of the embedded store: ``python -m dev.restore FILE``."""

import asyncio
import os
import shutil
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from dev.lock import lock
from dev.settings import STORE, environment, read_settings
from shared.domain.errors import InvalidSetting
from shared.runtime.ids import new_token
from shared.store import EpochMark, EpochMarkStore

TOLD = (
    "Restored. Tasks that wait in the backup may have been sent since it was made: they will be"
    " shown as unconfirmed, and a person decides."
)


def restore(directory: Path, source: Path, provider: str) -> Path | None:
    """Put the backup in place; returns where what was there is kept, if anything was.

    Pollers are told: what waits in the backup may have been sent since, so it is not sent again.
    Raises SettingUnusable while something runs, and for a file that is no backup.
    """
    descriptor = lock(directory)
    fresh, store = directory / f"{STORE}.restoring", directory / STORE
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        _unpack(source, fresh)
        # Before the exchange: a mark without a restored store does no harm, the reverse would.
        asyncio.run(
            EpochMarkStore(directory, provider).replace(EpochMark(f"restored-{new_token()}", 0))
        )
        aside = None
        if store.exists():
            aside = directory / f"{STORE}.{datetime.now(UTC):%Y%m%d-%H%M%S}"
            store.rename(aside)
        (fresh / STORE).rename(store)
        return aside
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        os.close(descriptor)


def _unpack(source: Path, target: Path) -> None:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(target, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise InvalidSetting(f"{source} cannot be read as a backup ({error}).") from error
    if not (target / STORE / "appendonlydir").is_dir():
        raise InvalidSetting(f"{source} is no backup of a store.")


def run(arguments: list[str]) -> str:
    """Do what the command line says; returns what to tell the person."""
    settings = read_settings(environment())
    if len(arguments) != 1 or settings.redis_url is not None:
        raise InvalidSetting(
            "Say which backup: make restore FROM=FILE. It is for the store of `make run`; one that"
            " REDIS_URL names is restored by its own means (docs/operations.md)."
        )
    aside = restore(settings.directory, Path(arguments[0]).absolute(), settings.provider)
    kept = f"What was there is kept in {aside}\n" if aside else ""
    return f"{TOLD}\n{kept}"


def main(arguments: list[str]) -> int:
    """The exit code; says what was done."""
    try:
        sys.stdout.write(run(arguments))
    except InvalidSetting as unusable:
        sys.stderr.write(f"{unusable.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
