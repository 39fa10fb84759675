"""The command shows a token once, keeps only its hash, and never leaves half a file."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.api.auth.__main__ import main
from services.api.auth.token import digest
from services.api.auth.token_file import parse
from tests.harness import ROOT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.toml"


def run(file: Path, *arguments: str) -> int:
    return main(["--file", str(file), *arguments])


def test_stdout_has_the_secret_alone(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(file, "add", "alice", "--admin", "--daily-budget-usd", "5.5", "--requests", "9") == 0
    output = capfd.readouterr()
    secret = output.out.strip()
    assert output.out == f"{secret}\n"
    assert secret not in output.err + file.read_text()
    token = parse(file.read_bytes())["alice"]
    assert token.sha256 == digest(secret.encode())
    assert (token.admin, token.daily_budget, token.requests_per_minute) == (True, 5_500_000, 9)
    assert token.created
    assert file.stat().st_mode & 0o777 == 0o600


def test_list_shows_rights_but_no_hash(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(file, "add", "bob", "--daily-budget-usd", "2")
    run(file, "add", "alice", "--admin")
    capfd.readouterr()
    assert run(file, "list") == 0
    output = capfd.readouterr().out
    lines = output.splitlines()
    assert lines[0].startswith("alice: admin, 600 requests a minute, created 20")
    assert lines[1].startswith("bob: 600 requests a minute, $2 a day, created 20")
    assert parse(file.read_bytes())["bob"].sha256 not in output


def test_a_revoked_name_can_be_added_again(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(file, "add", "alice") == 0
    before = parse(file.read_bytes())["alice"].sha256
    assert run(file, "revoke", "alice") == 0
    assert parse(file.read_bytes()) == {}
    assert run(file, "revoke", "alice") == 1
    assert "There is no token named alice" in capfd.readouterr().err
    assert run(file, "add", "alice") == 0
    assert parse(file.read_bytes())["alice"].sha256 != before


@pytest.mark.parametrize(
    ("arguments", "redis_url", "status", "words", "revoked"),
    [
        (["--cancel"], "", 1, "Set REDIS_URL to the store", False),
        ([], "redis://127.0.0.1:1/0", 1, "cannot be reached (ConnectionError)", True),
        (["--cancel"], "redis://127.0.0.1:1/0", 1, "no token any more, but the store", True),
        (["--cancel"], "somewhere", 1, "REDIS_URL is not an address", True),
    ],
)
def test_a_revocation_says_what_the_store_does_not_know(
    arguments: list[str],
    redis_url: str,
    status: int,
    words: str,
    revoked: bool,  # noqa: FBT001 -- a parameter of the test
    file: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    run(file, "add", "alice")
    capfd.readouterr()
    for _ in range(1 + (revoked and "--cancel" in arguments)):  # it may be said again
        assert run(file, "revoke", *arguments, "alice") == status
        assert words in capfd.readouterr().err
    assert ("alice" in parse(file.read_bytes())) is not revoked


def test_rotate_changes_only_the_secret(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(file, "add", "alice", "--admin", "--daily-budget-usd", "5.5", "--requests", "9")
    run(file, "add", "bob")
    before = parse(file.read_bytes())
    capfd.readouterr()
    assert run(file, "rotate", "alice") == 0
    output = capfd.readouterr()
    secret = output.out.strip()
    after = parse(file.read_bytes())
    assert after["bob"] == before["bob"]
    assert after["alice"].sha256 == digest(secret.encode()) != before["alice"].sha256
    renewed = {"sha256", "created"}
    assert after["alice"].model_dump(exclude=renewed) == before["alice"].model_dump(exclude=renewed)
    assert secret not in output.err
    assert run(file, "rotate", "carol") == 1
    assert "There is no token named carol" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "alice"], "A token named alice exists"),
        (["add", "Carol"], "name: use up to 40 of a-z, 0-9"),
        (["add", "../carol"], "name: "),
        (["add", "carol\n"], "name: "),
        (["add", "carol", "--daily-budget-usd", "0"], "daily_budget_usd: "),
        (["add", "carol", "--requests", "many"], "requests_per_minute: "),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(
    arguments: list[str], words: str, file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(file, "add", "alice")
    before = file.read_bytes()
    capfd.readouterr()
    assert run(file, *arguments) == 1
    output = capfd.readouterr()
    assert words in output.err
    assert output.err.count("\n") == 1
    assert not output.out
    assert file.read_bytes() == before
    assert [*file.parent.iterdir()] == [file]


def test_a_broken_file_or_none_is_named(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(file, "list") == 1
    assert "No such file" in capfd.readouterr().err
    file.write_text("[tokens.alice")
    assert run(file, "add", "bob") == 1
    assert "it is not TOML" in capfd.readouterr().err
    assert file.read_text() == "[tokens.alice"
    assert main(["list"]) == 1
    assert "BACKBURNER_TOKENS_FILE" in capfd.readouterr().err


def test_twenty_at_once_lose_none(file: Path) -> None:
    with ThreadPoolExecutor(20) as threads:
        names = [f"name-{number}" for number in range(20)]
        assert set(threads.map(lambda name: run(file, "add", name), names)) == {0}
    assert sorted(parse(file.read_bytes())) == sorted(names)


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "tokens.toml"
    file.symlink_to(target)
    assert run(file, "add", "alice") == 0
    assert file.is_symlink()
    assert "alice" in parse(target.read_bytes())


def test_it_is_started_from_the_environment(file: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "services.api.auth", "add", "alice"],
        env=environment | {"BACKBURNER_TOKENS_FILE": str(file)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert digest(done.stdout.strip().encode()) == parse(file.read_bytes())["alice"].sha256
