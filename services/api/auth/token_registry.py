"""The tokens that are valid now; reloads the file when it changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import structlog

from services.api.auth.token import Token, digest
from services.api.auth.token_file import InvalidTokenFile, Tokens, parse
from shared.domain.errors import BackburnerError
from shared.runtime.cancellation import cancel_and_wait

RELOAD_INTERVAL_S = 0.5
"""A revoked token must be rejected within one second."""


class TokenRevoked(BackburnerError):
    """The token of a session in progress was revoked."""


log = structlog.get_logger("services.api")


class TokenRegistry:
    """The tokens of a file; without a file there are none, and no token is needed.

    It watches the file within ``async with``. The constructor raises InvalidTokenFile; later a
    file that becomes invalid changes nothing, and ``problem`` says why.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problem: str | None = None
        self.tokens: Tokens = {}
        self._text = b""
        self._by_digest: dict[str, Token] = {}
        self._sessions: dict[asyncio.Timeout, Token] = {}
        self._changed = asyncio.Event()
        if path is not None:
            self._load(self._read(path))

    @property
    def changed(self) -> asyncio.Event:
        """Set at the next change of the tokens. Get it before you read them."""
        return self._changed

    def find(self, secret: bytes) -> Token | None:
        """The token with this secret.

        It looks up the SHA-256, which a client cannot choose, so timing reveals nothing.
        """
        return self._by_digest.get(digest(secret))

    @asynccontextmanager
    async def session(self, token: Token) -> AsyncIterator[None]:
        """A long operation of this token. Raises TokenRevoked in it when the token is revoked."""
        timeout = asyncio.timeout(None)
        try:
            async with timeout:
                self._sessions[timeout] = token
                try:
                    yield
                finally:
                    del self._sessions[timeout]
        except TimeoutError:
            if timeout.expired():
                raise TokenRevoked(token.name) from None
            raise

    def reload(self) -> None:
        """Read the file, and apply it if it has changed."""
        if self.path is None:
            return
        try:
            text = self._read(self.path)
            if text != self._text:
                self._load(text)
        except InvalidTokenFile as error:
            if self.problem != str(error):
                log.warning("tokens_file_invalid", reason=str(error), tokens_kept=len(self.tokens))
            self.problem = str(error)
        else:
            self.problem = None

    async def __aenter__(self) -> Self:
        self._watcher = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(self._watcher)

    async def _watch(self) -> None:
        while self.path is not None:
            await asyncio.sleep(RELOAD_INTERVAL_S)
            self.reload()

    @staticmethod
    def _read(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise InvalidTokenFile(f"it cannot be read ({error.strerror})") from None

    def _load(self, text: bytes) -> None:
        tokens = parse(text)
        if self._text:
            log.info("tokens_reloaded", tokens=len(tokens))
        self._text, self.tokens = text, tokens
        self._by_digest = {token.sha256: token for token in tokens.values()}
        self._end_revoked()
        before, self._changed = self._changed, asyncio.Event()
        before.set()

    def _end_revoked(self) -> None:
        now = asyncio.get_running_loop().time() if self._sessions else 0
        for timeout, token in self._sessions.items():
            after = self._by_digest.get(token.sha256)
            same = after and (after.name, after.admin) == (token.name, token.admin)
            if not (same or timeout.expired()):
                timeout.reschedule(now)
