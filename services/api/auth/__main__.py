"""Adds, lists, rotates and revokes tokens: ``python -m services.api.auth add NAME``."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pydantic import ValidationError
from redis.exceptions import RedisError

from services.api.auth.atomic_write import edit
from services.api.auth.revocation import stop_spending
from services.api.auth.token import Token, digest, new_secret
from services.api.auth.token_file import (
    InvalidTokenFile,
    TokenExists,
    TokenNotFound,
    parse,
    with_secret,
    with_token,
    without_token,
)
from shared.domain.errors import InvalidSetting
from shared.runtime.settings import SharedSettings

FILE = "BACKBURNER_TOKENS_FILE"

STORE = "REDIS_URL"


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. An error is one sentence on standard error, and 1."""
    given = _arguments().parse_args(arguments)
    if not given.file:
        return _fail(f"Set {FILE} or --file to the path of the tokens file.")
    path = Path(given.file)
    try:
        given.command(path, given)
    except TokenExists:
        return _fail(
            f"A token named {given.name} exists. Rotate it for another secret, or revoke it first;"
            " its tasks stay."
        )
    except TokenNotFound:
        return _fail(f"There is no token named {given.name} in {path}.")
    except ValidationError as error:
        return _fail("; ".join(f"{found['loc'][0]}: {found['msg']}" for found in error.errors()))
    except InvalidTokenFile as error:
        return _fail(f"{path}: {error}.")
    except InvalidSetting as error:
        return _fail(error.message)
    except RedisError as error:
        return _fail(
            f"{given.name} has no token any more, but the store at {STORE} cannot be reached"
            f" ({type(error).__name__}): its queued tasks wait once an API runs."
        )
    except OSError as error:
        return _fail(f"{path}: {error.strerror}.")
    return 0


def _add(path: Path, given: argparse.Namespace) -> None:
    secret = new_secret()
    asked = {"daily_budget_usd": given.daily_budget_usd, "requests_per_minute": given.requests}
    token = Token(
        name=given.name,
        sha256=digest(secret.encode()),
        admin=given.admin,
        created=datetime.now(UTC).replace(microsecond=0),
        **{name: value for name, value in asked.items() if value is not None},
    )
    edit(path, lambda text: with_token(text, token))
    if len(parse(path.read_bytes())) == 1:
        sys.stderr.write(f"Once the API is started with {FILE}={path}, every call needs a token.\n")
    _show(secret, given.name, path)


def _rotate(path: Path, given: argparse.Namespace) -> None:
    secret, now = new_secret(), datetime.now(UTC).replace(microsecond=0)
    edit(path, lambda text: with_secret(text, given.name, digest(secret.encode()), now))
    sys.stderr.write("The former secret is refused within a second; tasks and budget stay.\n")
    _show(secret, given.name, path)


def _revoke(path: Path, given: argparse.Namespace) -> None:
    settings = SharedSettings.from_environment() if os.environ.get(STORE) else None
    if given.cancel and settings is None:
        raise InvalidSetting(f"Set {STORE} to the store that holds the tasks to cancel.")
    missing = cancelled = 0
    try:
        edit(path, partial(without_token, name=given.name))
    except TokenNotFound:
        if not given.cancel:
            raise
        missing = 1  # revoked before, but its tasks may still wait
    if settings is not None:
        cancelled = asyncio.run(stop_spending(settings, given.name, cancel=given.cancel))
    if missing and not cancelled:
        raise TokenNotFound(given.name)
    left = f"{cancelled} queued tasks were cancelled." if given.cancel else "Queued tasks wait."
    sys.stderr.write(f"{given.name} is revoked. {left} All stay, for admins and a new token.\n")


def _list(path: Path, _: argparse.Namespace) -> None:
    for name, token in sorted(parse(path.read_bytes()).items()):
        budget = "" if token.daily_budget_usd is None else f", ${token.daily_budget_usd:f} a day"
        created = "" if token.created is None else f", created {token.created:%Y-%m-%d}"
        right = "admin, " if token.admin else ""
        sys.stdout.write(
            f"{name}: {right}{token.requests_per_minute} requests a minute{budget}{created}\n"
        )


def _show(secret: str, name: str, path: Path) -> None:
    sys.stderr.write(f"The token of {name}, shown this once ({path} keeps only its hash):\n")
    sys.stdout.write(f"{secret}\n")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.api.auth", description=__doc__)
    parser.add_argument(
        "--file", default=os.environ.get(FILE), help=f"tokens file (default: {FILE})"
    )
    commands = parser.add_subparsers(required=True)
    add = commands.add_parser("add", help="add a token and show it, once")
    add.add_argument("name", help="owner of its tasks: a-z, 0-9, _ and -")
    add.add_argument("--admin", action="store_true", help="may see all tasks and the metrics")
    add.add_argument("--daily-budget-usd", metavar="N", help="cost limit of its tasks a day (UTC)")
    add.add_argument("--requests", metavar="N", help="limit of requests a minute (default: 600)")
    add.set_defaults(command=_add)
    rotate = commands.add_parser("rotate", help="replace the secret of a token and show it, once")
    rotate.add_argument("name")
    rotate.set_defaults(command=_rotate)
    revoke = commands.add_parser("revoke", help="remove a token; it is rejected within a second")
    revoke.add_argument("name")
    revoke.add_argument("--cancel", action="store_true", help="cancel its tasks that wait, too")
    revoke.set_defaults(command=_revoke)
    commands.add_parser("list", help="list the tokens").set_defaults(command=_list)
    return parser


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
