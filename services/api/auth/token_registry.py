"""The tokens that are valid now: the file is read again when it changes, without a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import structlog

from services.api.auth.token import Token, digest
from services.api.auth.token_file import Tokens, TokensUnreadable, parse
from shared.domain.errors import BackburnerError
from shared.runtime.cancellation import cancel_and_wait

INTERVAL = 0.5
"""Seconds between two looks at the file: what is revoked is refused within one second."""


class TokenRevoked(BackburnerError):
    """The token that this was done with is not valid any more."""


log = structlog.get_logger("services.api")


class Register:
    """Who may call: who has a token in the file, or anybody where there is no file.

    It watches the file within ``async with``. One that cannot be read is TokensUnreadable at
    first; later on it changes nothing, and ``problem`` says so.
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
            self._take(self._read(path))

    @property
    def changed(self) -> asyncio.Event:
        """Is set at the next change of the tokens; take it before you read them."""
        return self._changed

    def find(self, secret: bytes) -> Token | None:
        """Whose secret it is. What is looked up is its digest, which nobody can steer.

        So the time that it takes tells nothing about the digests that are kept.
        """
        return self._by_digest.get(digest(secret))

    @asynccontextmanager
    async def session(self, token: Token) -> AsyncIterator[None]:
        """Something long that a token keeps open; TokenRevoked ends it when the token is."""
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

    def look(self) -> None:
        """Read the file; where it has changed, what is in it holds from now on."""
        if self.path is None:
            return
        try:
            text = self._read(self.path)
            if text != self._text:
                self._take(text)
        except TokensUnreadable as error:
            if self.problem != str(error):
                log.warning("tokens unreadable", reason=str(error), kept=len(self.tokens))
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
            await asyncio.sleep(INTERVAL)
            self.look()

    @staticmethod
    def _read(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise TokensUnreadable(f"it cannot be read ({error.strerror})") from None

    def _take(self, text: bytes) -> None:
        tokens = parse(text)
        if self._text:
            log.info("tokens changed", names=len(tokens))
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
