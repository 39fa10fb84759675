"""Parses the tokens file strictly, and edits it without touching anything else in it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import ValidationError

from services.api.auth.token import Token
from shared.domain.errors import BackburnerError

Tokens = Mapping[str, Token]

FIELDS = Token.model_fields.keys() - {"name"}
LIMITS = (
    *("requests_per_minute", "max_connections", "max_event_subscribers", "max_open_tasks"),
    "max_stored_mb",
)


class InvalidTokenFile(BackburnerError):
    """The tokens file is missing or invalid. Says why, but shows nothing of its contents."""


class TokenExists(BackburnerError):
    """The file already has a token with this name."""


class TokenNotFound(BackburnerError):
    """The file has no token with this name."""


def parse(text: bytes) -> Tokens:
    """The tokens of a file by name. Raises InvalidTokenFile."""
    try:
        document = tomllib.loads(text.decode(), parse_float=Decimal)
    except UnicodeDecodeError:
        raise InvalidTokenFile("it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidTokenFile(f"it is not TOML: {error}") from None
    tables = document.pop("tokens", {})
    if document or not isinstance(tables, dict):
        raise InvalidTokenFile("it may contain only tables [tokens.NAME]")
    tokens = {name: _token(name, table) for name, table in tables.items()}
    if len({token.sha256 for token in tokens.values()}) < len(tokens):
        raise InvalidTokenFile("two tokens have the same sha256")
    return tokens


def with_token(text: bytes, token: Token) -> bytes:
    """The text with the token appended. Raises TokenExists, InvalidTokenFile."""
    tokens = parse(text)
    if token.name in tokens:
        raise TokenExists(token.name)
    lines = [f"[tokens.{token.name}]", *_lines(token)]
    before = text.rstrip() + b"\n\n" if text.strip() else b""
    return _checked(before + "\n".join(lines).encode() + b"\n", {**tokens, token.name: token})


def without_token(text: bytes, name: str) -> bytes:
    """The text without this token's table. Raises TokenNotFound, InvalidTokenFile."""
    tokens = dict(parse(text))
    if tokens.pop(name, None) is None:
        raise TokenNotFound(name)
    return _checked(_table(name).sub(b"", text), tokens)


def with_secret(text: bytes, name: str, sha256: str, created: datetime) -> bytes:
    """The text with a new secret for this token, which keeps its name, rights and limits.

    Raises TokenNotFound, InvalidTokenFile.
    """
    tokens = parse(text)
    if name not in tokens:
        raise TokenNotFound(name)
    fields = {"sha256": sha256} | ({"created": created} if tokens[name].created else {})
    changed = tokens[name].model_copy(update=fields)
    renewed = [line for line in _lines(changed) if line.startswith(("sha256", "created"))]

    def replaced(table: re.Match[bytes]) -> bytes:
        found = table[0]
        for line in renewed:
            field = line.partition(" ")[0]
            old = rf"(?m)^[ \t]*{field}\s*=[^#\n]*?(?=[ \t]*(?:#.*)?$)".encode()
            found = re.sub(old, line.encode(), found)
        return found

    return _checked(_table(name).sub(replaced, text), {**tokens, name: changed})


def _table(name: str) -> re.Pattern[bytes]:
    """A token's table, up to the next one."""
    return re.compile(rb"(?ms)^" + re.escape(f"[tokens.{name}]".encode()) + rb".*?(?=^\[|\Z)")


def _checked(text: bytes, tokens: Tokens) -> bytes:
    """The edited text; raises where the edit missed, since TOML has many spellings."""
    if parse(text) != tokens:
        raise InvalidTokenFile("this command cannot edit its TOML spelling; edit it by hand")
    return text


def _token(name: str, table: object) -> Token:
    if not isinstance(table, dict) or table.keys() - FIELDS:
        raise InvalidTokenFile(f"a table may contain only {', '.join(sorted(FIELDS))}")
    try:
        return Token(name=name, **table)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[0]
        field = found["loc"][0]
        where = "a table's name" if field == "name" else f"{field} of {name}"
        raise InvalidTokenFile(f"{where}: {found['msg']}") from None


def _lines(token: Token) -> Iterator[str]:
    yield f'sha256 = "{token.sha256}"'
    if token.admin:
        yield "admin = true"
    if token.daily_budget_usd is not None:
        yield f"daily_budget_usd = {token.daily_budget_usd:f}"
    for limit in LIMITS:
        if limit in token.model_fields_set:
            yield f"{limit} = {getattr(token, limit)}"
    if token.created is not None:
        yield f"created = {token.created.isoformat(timespec='seconds')}"
