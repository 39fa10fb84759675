"""The settings of `make run`, read once from the environment and .env."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

from shared.domain.errors import InvalidSetting
from shared.runtime.settings import reject_renamed

Provider = Literal["openai", "simulator"]
MAX_PORT = 65535
TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
"""What the services read as true (pydantic's words)."""
ROOT = Path(__file__).resolve().parent.parent
STORE_DIR = "valkey"
"""The embedded store's directory, inside the provider's."""


@dataclass(frozen=True)
class Settings:
    """The settings of a run. ``environment`` holds secrets and is never shown."""

    provider: Provider
    directory: Path
    """The provider's data. Each provider has its own: its tasks must never reach the other."""
    tokens: Path
    redis_url: str | None = field(repr=False)
    """None: an embedded Valkey in ``directory``."""
    host: str
    port: int
    simulator_port: int | None
    """None: 8001 or, when that is busy, any free one."""
    environment: Mapping[str, str] = field(repr=False)

    @property
    def accepts_unsafe_store(self) -> bool:
        """Whether the services will accept a store that may lose what it acknowledged."""
        text = self.environment.get("BACKBURNER_ALLOW_UNSAFE_STORE") or ""
        return text.lower() in TRUE

    @property
    def keeps_data(self) -> bool:
        """Whether this run writes to ``directory``."""
        return self.redis_url is None or self.provider == "simulator"


def environment() -> Mapping[str, str]:
    """Return the variables of .env, overridden by those of the shell."""
    file = dotenv_values(ROOT / ".env", interpolate=False)
    return {name: value for name, value in file.items() if value is not None} | dict(os.environ)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Parse the settings. Raises InvalidSetting, without showing a secret."""
    reject_renamed(environ)
    provider = _provider(environ)
    return Settings(
        provider=provider,
        directory=_data(environ) / provider,
        tokens=tokens_file(environ),
        redis_url=environ.get("REDIS_URL") or None,
        host=environ.get("BACKBURNER_HOST") or "127.0.0.1",
        port=_port(environ, "BACKBURNER_PORT") or 8000,
        simulator_port=_port(environ, "BACKBURNER_SIMULATOR_PORT"),
        environment=environ,
    )


def tokens_file(environ: Mapping[str, str]) -> Path:
    """Return the path of the tokens file. The API requires tokens once it exists."""
    return Path(environ.get("BACKBURNER_TOKENS_FILE") or _data(environ) / "tokens.toml").absolute()


def _data(environ: Mapping[str, str]) -> Path:
    directory = Path(environ.get("BACKBURNER_DATA_DIR") or ROOT / "data").absolute()
    try:
        str(directory).encode()
    except UnicodeEncodeError:
        name = os.fsencode(directory).decode(errors="backslashreplace")
        raise InvalidSetting(
            f"The path {name} is not valid UTF-8. Rename that directory, or choose another with"
            " BACKBURNER_DATA_DIR."
        ) from None
    return directory


def _provider(environ: Mapping[str, str]) -> Provider:
    key, asked = environ.get("OPENAI_API_KEY"), environ.get("BACKBURNER_PROVIDER")
    if asked not in (None, "", "openai", "simulator"):
        raise InvalidSetting("BACKBURNER_PROVIDER must be openai or simulator.")
    if asked == "simulator":
        return "simulator"
    if key is None:
        if asked == "openai":
            raise InvalidSetting("BACKBURNER_PROVIDER=openai requires OPENAI_API_KEY.")
        return "simulator"
    if not (key.isascii() and key.isprintable()) or " " in key or not key:
        raise InvalidSetting(
            "OPENAI_API_KEY is empty or contains a space, line break or invalid character. "
            "Correct it, or unset it to run with the simulator."
        )
    return "openai"


def _port(environ: Mapping[str, str], name: str) -> int | None:
    text = environ.get(name)
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and 1 <= int(text) <= MAX_PORT):
        raise InvalidSetting(f"{name}={text} is not a port. Use a number from 1 to {MAX_PORT}.")
    return int(text)
