"""The tokens file as text: read strictly, changed without touching what else stands in it."""

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


class TokensUnreadable(BackburnerError):
    """The tokens file is missing or not as it must be; says why, and nothing of what it holds."""


class NameTaken(BackburnerError):
    """There is a token of this name."""


class NoSuchToken(BackburnerError):
    """There is no token of this name."""


def parse(text: bytes) -> Tokens:
    """The tokens of a file by their names. Raises TokensUnreadable."""
    try:
        document = tomllib.loads(text.decode(), parse_float=Decimal)
    except UnicodeDecodeError:
        raise TokensUnreadable("it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise TokensUnreadable(f"it is not TOML: {error}") from None
    tables = document.pop("tokens", {})
    if document or not isinstance(tables, dict):
        raise TokensUnreadable("it may hold tables [tokens.NAME] and nothing else")
    tokens = {name: _token(name, table) for name, table in tables.items()}
    if len({token.sha256 for token in tokens.values()}) < len(tokens):
        raise TokensUnreadable("two names have the same sha256")
    return tokens


def with_token(text: bytes, token: Token) -> bytes:
    """The text with one more token at its end. Raises NameTaken, TokensUnreadable."""
    tokens = parse(text)
    if token.name in tokens:
        raise NameTaken(token.name)
    lines = [f"[tokens.{token.name}]", *_lines(token)]
    before = text.rstrip() + b"\n\n" if text.strip() else b""
    return _checked(before + "\n".join(lines).encode() + b"\n", {**tokens, token.name: token})


def without_token(text: bytes, name: str) -> bytes:
    """The text without one token's table. Raises NoSuchToken, TokensUnreadable."""
    tokens = dict(parse(text))
    if tokens.pop(name, None) is None:
        raise NoSuchToken(name)
    return _checked(_table(name).sub(b"", text), tokens)


def with_secret(text: bytes, name: str, sha256: str, created: datetime) -> bytes:
    """The text with another secret for one token, which keeps its name, rights and limits.

    Raises NoSuchToken, TokensUnreadable.
    """
    tokens = parse(text)
    if name not in tokens:
        raise NoSuchToken(name)
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
    """TOML has more spellings than are known here; what is not understood is left alone."""
    if parse(text) != tokens:
        raise TokensUnreadable("it is written in a way that only a person can change")
    return text


def _token(name: str, table: object) -> Token:
    if not isinstance(table, dict) or table.keys() - FIELDS:
        raise TokensUnreadable(f"each table may have {', '.join(sorted(FIELDS))} and nothing else")
    try:
        return Token(name=name, **table)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[0]
        field = found["loc"][0]
        where = "a table's name" if field == "name" else f"{field} of {name}"
        raise TokensUnreadable(f"{where}: {found['msg']}") from None


def _lines(token: Token) -> Iterator[str]:
    yield f'sha256 = "{token.sha256}"'
    if token.admin:
        yield "admin = true"
    if token.daily_budget_usd is not None:
        yield f"daily_budget_usd = {token.daily_budget_usd:f}"
    if "requests_per_minute" in token.model_fields_set:
        yield f"requests_per_minute = {token.requests_per_minute}"
    if token.created is not None:
        yield f"created = {token.created.isoformat(timespec='seconds')}"
