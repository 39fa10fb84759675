"""Who may call is whom the file names now; a file that cannot be read changes nothing."""

import asyncio
from pathlib import Path

import pytest

from services.api.auth.token import digest
from services.api.auth.token_file import TokensUnreadable
from services.api.auth.token_registry import Register, TokenRevoked


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
    register = Register(file)
    alice = register.find(b"a")
    assert alice
    assert (alice.name, alice.admin) == ("alice", True)
    for wrong in (b"", b"A", b"a ", b"alice", digest(b"a").encode(), b"\xff", b"a" * 100_000):
        assert register.find(wrong) is None


def test_a_change_holds_from_the_next_look_on(file: Path) -> None:
    register = Register(file)
    changed = register.changed
    register.look()
    assert not changed.is_set()
    file.write_text(table("alice", "new") + table("carol", "c"))
    assert register.find(b"b")
    register.look()
    assert changed.is_set()
    assert not register.changed.is_set()
    assert register.find(b"a") is register.find(b"b") is None
    assert [found and found.name for found in map(register.find, (b"new", b"c"))] == [
        "alice",
        "carol",
    ]


@pytest.mark.parametrize("text", [None, "[tokens.", "[tokens.alice]\nsha256 = 'x'"])
def test_what_cannot_be_read_keeps_the_last_good_tokens_and_says_so(
    text: str | None, file: Path
) -> None:
    register = Register(file)
    good = file.read_text()
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    register.look()
    assert register.find(b"a")
    assert register.problem
    file.write_text(good)
    register.look()
    assert register.problem is None
    file.write_text("")
    register.look()
    assert register.problem is None
    assert register.find(b"a") is None


def test_it_begins_with_a_good_file_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(TokensUnreadable, match="cannot be read"):
        Register(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("?")
    with pytest.raises(TokensUnreadable, match="not TOML"):
        Register(tmp_path / "broken.toml")


async def test_it_notices_by_itself_within_a_second(file: Path) -> None:
    async with Register(file) as register:
        changed = register.changed
        write(file, table("bob", "b"))
        async with asyncio.timeout(1):
            await changed.wait()
    assert register.find(b"a") is None


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
    register = Register(file)
    alice = register.find(b"a")
    assert alice
    held = asyncio.Event()

    async def hold() -> None:
        async with register.session(alice):
            held.set()
            await asyncio.Event().wait()

    holder = asyncio.create_task(hold())
    await held.wait()
    write(file, after)
    register.look()
    await asyncio.sleep(0)  # it is being ended by now
    write(file, "# again\n" + after)
    register.look()
    await asyncio.wait([holder], timeout=0.05)
    assert holder.done() is ends
    if ends:
        assert isinstance(holder.exception(), TokenRevoked)
    holder.cancel()
    await asyncio.wait([holder])
    register.look()


async def test_a_time_out_of_its_own_stays_one(file: Path) -> None:
    register = Register(file)
    alice = register.find(b"a")
    assert alice
    with pytest.raises(TimeoutError):
        async with register.session(alice), asyncio.timeout(0):
            await asyncio.Event().wait()
