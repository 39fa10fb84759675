"""docker-compose.yml as Compose reads it, with variables put in, but without Compose."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[2]
INNERMOST = re.compile(r"\$\{(\w+)(?::-([^${}]*))?\}")
ESCAPED = "\x00"

Compose = Callable[[Mapping[str, str]], Any]


def put_in(value: Any, variables: Mapping[str, str]) -> Any:
    """``${NAME:-default}``, nested ones too, and ``$$`` for a dollar, in every string of a tree."""
    if isinstance(value, dict):
        return {name: put_in(part, variables) for name, part in value.items()}
    if isinstance(value, list):
        return [put_in(part, variables) for part in value]
    return _expand(value, variables) if isinstance(value, str) else value


def _expand(text: str, variables: Mapping[str, str]) -> str:
    text, count = text.replace("$$", ESCAPED), 1
    while count:
        text, count = INNERMOST.subn(lambda m: variables.get(m[1]) or m[2] or "", text)
    return text.replace(ESCAPED, "$")


@pytest.fixture(scope="session")
def compose() -> Compose:
    """The file for a given environment."""
    tree = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return lambda variables: put_in(tree, variables)


@pytest.fixture(scope="session")
def demo() -> dict[str, str]:
    """What demo.env sets."""
    return {name: value or "" for name, value in dotenv_values(ROOT / "demo.env").items()}


@pytest.fixture(scope="session")
def examples() -> set[str]:
    """Every name that .env.example explains."""
    return set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
