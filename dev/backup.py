"""Copies the embedded store while nothing runs: ``python -m dev.backup [FILE]``."""

import os
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from dev.lock import lock
from dev.settings import STORE, environment, read_settings
from shared.domain.errors import InvalidSetting


def backup(directory: Path, target: Path) -> None:
    """Write the store in ``directory`` to ``target``, which must not exist.

    What pollers remember of the store stays out: by that a restored store is known. Raises
    SettingUnusable while something runs, and where there is nothing to copy.
    """
    descriptor = lock(directory)
    try:
        if not (directory / STORE / "appendonlydir").is_dir():
            raise InvalidSetting(f"There is no store in {directory} to back up.")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)  # conversations are in it
            with tarfile.open(fileobj=file, mode="w:gz") as archive:
                archive.add(directory / STORE, STORE)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise InvalidSetting(f"{target} exists already: choose another name.") from error
    finally:
        os.close(descriptor)


def run(arguments: list[str]) -> Path:
    """Do what the command line says; returns where the copy is."""
    settings = read_settings(environment())
    if settings.redis_url is not None:
        raise InvalidSetting(
            "REDIS_URL names a server of yours: back it up by its own means, such as"
            " `valkey-cli --rdb FILE` (docs/operations.md)."
        )
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    default = settings.directory / "backups" / name
    target = Path(arguments[0]).absolute() if arguments else default
    backup(settings.directory, target)
    return target


def main(arguments: list[str]) -> int:
    """The exit code; says where the copy is."""
    try:
        sys.stdout.write(f"{run(arguments)}\n")
    except InvalidSetting as unusable:
        sys.stderr.write(f"{unusable.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
