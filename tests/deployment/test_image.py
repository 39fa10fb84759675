"""The image holds what the services need and nothing that a person keeps beside them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()
COPIED = set(re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)) - {"--from=build"}


def test_only_named_paths_enter_the_build() -> None:
    assert "*" in IGNORED
    assert {line[1:] for line in IGNORED if line.startswith("!")} == COPIED


def test_everything_copied_exists() -> None:
    assert all((ROOT / path).exists() for path in COPIED)


def test_packages_are_installed_by_their_hashes() -> None:
    assert "--require-hashes -r requirements.lock" in DOCKERFILE


def test_it_does_not_end_as_root() -> None:
    user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert int(user) > 0
