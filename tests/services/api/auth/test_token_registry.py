"""Who may call is whom the file names now; a file that cannot be read changes nothing."""

import asyncio
from pathlib import Path

import pytest

from services.api.auth.token import digest
from services.api.auth.token_file import InvalidTokenFile
from services.api.auth.token_registry import TokenRegistry, TokenRevoked


def table(name: str, secret: str, extra: str = "") -> str:
    return f'[tokens.{name}]\nsha256 = "{digest(secret.encode())}"\n{extra}\n'


def write(file: Path, text: str) -> None:
    file.write_text(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.toml"
    path.write_text(table("alice", "a", "admin = true") + table("bob", "b"))
    return path


def test_a_secret_finds_its_token_and_nothing_else_does(file: Path) -> None:
    token_registry = TokenRegistry(file)
    alice = token_registry.find(b"a")
    assert alice
    assert (alice.name, alice.admin) == ("alice", True)
    for wrong in (b"", b"A", b"a ", b"alice", digest(b"a").encode(), b"\xff", b"a" * 100_000):
        assert token_registry.find(wrong) is None


def test_a_change_holds_from_the_next_look_on(file: Path) -> None:
    token_registry = TokenRegistry(file)
    changed = token_registry.changed
    token_registry.reload()
    assert not changed.is_set()
    file.write_text(table("alice", "new") + table("carol", "c"))
    assert token_registry.find(b"b")
    token_registry.reload()
    assert changed.is_set()
    assert not token_registry.changed.is_set()
    assert token_registry.find(b"a") is token_registry.find(b"b") is None
    assert [found and found.name for found in map(token_registry.find, (b"new", b"c"))] == [
        "alice",
        "carol",
    ]


@pytest.mark.parametrize("text", [None, "[tokens.", "[tokens.alice]\nsha256 = 'x'"])
def test_an_unreadable_file_keeps_the_last_good_tokens(text: str | None, file: Path) -> None:
    token_registry = TokenRegistry(file)
    good = file.read_text()
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    token_registry.reload()
    assert token_registry.find(b"a")
    assert token_registry.problem
    file.write_text(good)
    token_registry.reload()
    assert token_registry.problem is None
    file.write_text("")
    token_registry.reload()
    assert token_registry.problem is None
    assert token_registry.find(b"a") is None


def test_it_begins_with_a_good_file_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(InvalidTokenFile, match="cannot be read"):
        TokenRegistry(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("?")
    with pytest.raises(InvalidTokenFile, match="not TOML"):
        TokenRegistry(tmp_path / "broken.toml")


async def test_it_notices_by_itself_within_a_second(file: Path) -> None:
    async with TokenRegistry(file) as token_registry:
        changed = token_registry.changed
        write(file, table("bob", "b"))
        async with asyncio.timeout(1):
            await changed.wait()
    assert token_registry.find(b"a") is None


@pytest.mark.parametrize(
    ("after", "ends"),
    [
        (table("bob", "b"), True),
        (table("alice", "other"), True),
        (table("alice", "a"), True),  # no admin any more
        (table("carol", "a", "admin = true"), True),
        (table("alice", "a", "admin = true\nrequests_per_minute = 3"), False),
        ("?", False),
    ],
)
async def test_what_a_revoked_token_holds_open_ends(file: Path, after: str, *, ends: bool) -> None:
    token_registry = TokenRegistry(file)
    alice = token_registry.find(b"a")
    assert alice
    held = asyncio.Event()

    async def hold() -> None:
        async with token_registry.session(alice):
            held.set()
            await asyncio.Event().wait()

    holder = asyncio.create_task(hold())
    await held.wait()
    write(file, after)
    token_registry.reload()
    await asyncio.sleep(0)  # it is being ended by now
    write(file, "# again\n" + after)
    token_registry.reload()
    await asyncio.wait([holder], timeout=0.05)
    assert holder.done() is ends
    if ends:
        assert isinstance(holder.exception(), TokenRevoked)
    holder.cancel()
    await asyncio.wait([holder])
    token_registry.reload()


async def test_a_time_out_of_its_own_stays_one(file: Path) -> None:
    token_registry = TokenRegistry(file)
    alice = token_registry.find(b"a")
    assert alice
    with pytest.raises(TimeoutError):
        async with token_registry.session(alice), asyncio.timeout(0):
            await asyncio.Event().wait()
