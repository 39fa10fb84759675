"""Backs up the embedded Valkey while it is stopped: ``python -m dev.backup [FILE]``."""

import os
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from dev.lock import acquire_lock
from dev.settings import STORE_DIR, environment, read_settings
from shared.domain.errors import InvalidSetting


def backup(directory: Path, target: Path) -> None:
    """Write the store in ``directory`` to the new file ``target``.

    The pollers' memory of the store is left out: it is how they detect a restored one. Raises
    InvalidSetting if Backburner runs or there is no store.
    """
    descriptor = acquire_lock(directory)
    try:
        if not (directory / STORE_DIR / "appendonlydir").is_dir():
            raise InvalidSetting(f"{directory} contains no store to back up.")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)  # it contains conversations
            with tarfile.open(fileobj=file, mode="w:gz") as archive:
                archive.add(directory / STORE_DIR, STORE_DIR)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise InvalidSetting(f"{target} already exists. Choose another name.") from error
    finally:
        os.close(descriptor)


def run(arguments: list[str]) -> Path:
    """Back up to the file named by the arguments or to a dated one; return its path."""
    settings = read_settings(environment())
    if settings.redis_url is not None:
        raise InvalidSetting(
            "REDIS_URL is set: back up that server with its own tools, such as"
            " `valkey-cli --rdb FILE` (docs/operations.md)."
        )
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    default = settings.directory / "backups" / name
    target = Path(arguments[0]).absolute() if arguments else default
    backup(settings.directory, target)
    return target


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{run(sys.argv[1:])}\n")
    except InvalidSetting as error:
        sys.exit(error.message)
