"""Replaces the embedded Valkey's data by a backup: ``python -m dev.restore FILE``."""

import asyncio
import os
import shutil
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from dev.lock import acquire_lock
from dev.settings import STORE_DIR, environment, read_settings
from shared.domain.errors import InvalidSetting
from shared.runtime.ids import new_token
from shared.store import EpochMark, EpochMarkStore

NOTICE = (
    "Restored. Tasks that were open in the backup may have been sent since. They become"
    " unconfirmed and are not sent again until you decide."
)


def restore(directory: Path, source: Path, provider: str) -> Path | None:
    """Replace the store by the backup; return where the old store was moved, if there was one.

    Pollers see the new mark and do not send the backup's open tasks again. Raises InvalidSetting
    if Backburner runs or the file is not a backup.
    """
    descriptor = acquire_lock(directory)
    fresh, store = directory / f"{STORE_DIR}.restoring", directory / STORE_DIR
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        _unpack(source, fresh)
        # Mark first: a mark without a restored store is harmless, the reverse sends tasks twice.
        asyncio.run(
            EpochMarkStore(directory, provider).replace(EpochMark(f"restored-{new_token()}", 0))
        )
        aside = None
        if store.exists():
            aside = directory / f"{STORE_DIR}.{datetime.now(UTC):%Y%m%d-%H%M%S}"
            store.rename(aside)
        (fresh / STORE_DIR).rename(store)
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
    if not (target / STORE_DIR / "appendonlydir").is_dir():
        raise InvalidSetting(f"{source} is not a backup of a store.")


def run(arguments: list[str]) -> str:
    """Restore the file named by the arguments; return the message to print."""
    settings = read_settings(environment())
    if len(arguments) != 1 or settings.redis_url is not None:
        raise InvalidSetting(
            "Usage: make restore FROM=FILE, without REDIS_URL. Restore another server with its own"
            " tools (docs/operations.md)."
        )
    aside = restore(settings.directory, Path(arguments[0]).absolute(), settings.provider)
    kept = f"The old store was moved to {aside}\n" if aside else ""
    return f"{NOTICE}\n{kept}"


if __name__ == "__main__":
    try:
        sys.stdout.write(run(sys.argv[1:]))
    except InvalidSetting as error:
        sys.exit(error.message)
