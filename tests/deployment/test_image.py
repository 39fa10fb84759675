"""The image holds what the services need and nothing that a person keeps beside them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()
COPIED = {
    path
    for paths in re.findall(r"^COPY ((?!--from)\S.*) \S+$", DOCKERFILE, re.MULTILINE)
    for path in paths.split()
}


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


def test_it_says_what_it_is() -> None:
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", DOCKERFILE))
    assert labels == {"title", "description", "version", "revision", "source", "licenses"}


def test_each_extra_that_it_may_hold_is_copied() -> None:
    """`--build-arg EXTRAS="mcp notify"` installs both locks; MCP needs the client."""
    extras = {"requirements-mcp.lock", "requirements-notify.lock", "clients/backburner"}
    assert extras <= COPIED
