"""A tokens file is read strictly, changed by hand or by command, and never quoted in an error."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.api.auth.token import Token, digest, new_secret
from services.api.auth.token_file import (
    InvalidTokenFile,
    TokenExists,
    TokenNotFound,
    parse,
    with_secret,
    with_token,
    without_token,
)

A, B = digest(b"a"), digest(b"b")

WHOLE = f"""\
# Who may use this.
[tokens.alice]  # the boss
sha256 = "{A}"
admin = true
daily_budget_usd = 5.0
requests_per_minute = 120
created = 2026-11-23T07:00:00Z

[tokens.bob-2]
sha256 = "{B}"
""".encode()


def test_every_field_is_read() -> None:
    assert parse(WHOLE) == {
        "alice": Token(
            name="alice",
            sha256=A,
            admin=True,
            daily_budget_usd=Decimal("5.0"),
            requests_per_minute=120,
            created=datetime(2026, 11, 23, 7, tzinfo=UTC),
        ),
        "bob-2": Token(name="bob-2", sha256=B),
    }
    assert parse(WHOLE)["alice"].daily_budget == 5_000_000
    assert not parse(WHOLE)["bob-2"].admin
    assert parse(b"") == parse(b"# nobody\n") == parse(b"[tokens]") == {}


SECRET = "bb_a-secret-in-the-wrong-place"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[tokens.alice]\nsha256 = '{SECRET}'", "sha256 of alice: "),
        (f"[tokens.alice]\ntoken = '{SECRET}'", "may contain only admin"),
        (f"[tokens.alice]\nsha256 = '{A.upper()}'", "sha256"),
        (f"[tokens.alice]\nsha256 = '{A}'\nadmn = true", "may contain only"),
        (f"[tokens.alice]\nsha256 = '{A}'\nadmin = 'false'", "admin"),
        (f"[tokens.alice]\nsha256 = '{A}'\nadmin = 1", "admin"),
        (f"[tokens.alice]\nsha256 = '{A}'\ndaily_budget_usd = 0", "daily_budget_usd"),
        (f"[tokens.alice]\nsha256 = '{A}'\ndaily_budget_usd = inf", "daily_budget_usd"),
        (f"[tokens.alice]\nsha256 = '{A}'\nrequests_per_minute = 0", "requests_per_minute"),
        (f"[tokens.alice]\nsha256 = '{A}'\nname = 'bob'", "may contain only"),
        (f"[tokens.Alice]\nsha256 = '{A}'", "name: "),
        (f"[tokens.'a:b']\nsha256 = '{A}'", "name: "),
        (f"[tokens.{'a' * 41}]\nsha256 = '{A}'", "name: "),
        (f"[tokens.a]\nsha256 = '{A}'\n[tokens.b]\nsha256 = '{A}'", "same sha256"),
        (f"[tokens.a]\nsha256 = '{A}'\n[tokens.a]\nsha256 = '{B}'", "not TOML"),
        (f"[token.alice]\nsha256 = '{A}'", "[tokens.NAME]"),
        (f"{SECRET} = 1", "[tokens.NAME]"),
        (f"tokens = '{SECRET}'", "[tokens.NAME]"),
        (f"tokens.alice = '{SECRET}'", "may contain only"),
        (f"'{SECRET}", "not TOML"),
        ("[tokens.alice]", "sha256"),
    ],
)
def test_an_invalid_file_is_refused_without_quoting_it(text: str, words: str) -> None:
    with pytest.raises(InvalidTokenFile) as refusal:
        parse(text.encode())
    assert words in str(refusal.value)
    assert SECRET not in str(refusal.value)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidTokenFile, match="UTF-8"):
        parse(b"\xff")


def test_a_token_comes_and_goes_and_all_else_stays_as_it_was_written() -> None:
    carol = Token(
        name="carol",
        sha256=digest(b"c"),
        admin=True,
        daily_budget_usd=Decimal("1e-6"),
        requests_per_minute=7,
        created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    more = with_token(WHOLE, carol)
    assert more.startswith(WHOLE)
    assert parse(more) == {**parse(WHOLE), "carol": carol}
    assert without_token(more, "carol").strip() == WHOLE.strip()
    fewer = without_token(more, "alice")
    assert parse(fewer) == {"bob-2": parse(WHOLE)["bob-2"], "carol": carol}
    assert fewer.startswith(b"# Who may use this.\n")
    assert with_token(b"", Token(name="a", sha256=A)) == f'[tokens.a]\nsha256 = "{A}"\n'.encode()


def test_a_name_is_given_once_and_only_who_is_there_can_go() -> None:
    with pytest.raises(TokenExists):
        with_token(WHOLE, Token(name="alice", sha256=digest(b"c")))
    with pytest.raises(TokenNotFound):
        without_token(WHOLE, "bob")


@pytest.mark.parametrize("name", ["alice", "bob-2"])
def test_another_secret_changes_one_hash_and_when_it_was_made(name: str) -> None:
    text = WHOLE.replace(f'"{B}"'.encode(), f"'{B}'  # on paper".encode())
    made, before = datetime(2026, 11, 30, tzinfo=UTC), parse(text)
    renewed = with_secret(text, name, digest(b"c"), made)
    update = {"sha256": digest(b"c"), "created": before[name].created and made}
    assert parse(renewed) == {**before, name: before[name].model_copy(update=update)}
    assert len(renewed.splitlines()) == len(text.splitlines())
    assert renewed.count(b"#") == text.count(b"#")
    with pytest.raises(TokenNotFound):
        with_secret(text, "carol", digest(b"c"), made)


@pytest.mark.parametrize(
    "text",
    [
        f'tokens.alice.sha256 = "{A}"',
        f'[tokens]\nalice = {{ sha256 = "{A}" }}',
        f'[ tokens . alice ]\nsha256 = "{A}"',
    ],
)
def test_a_spelling_that_the_command_does_not_know_is_left_to_a_person(text: str) -> None:
    for change in (
        lambda: without_token(text.encode(), "alice"),
        lambda: with_secret(text.encode(), "alice", B, datetime.now(UTC)),
    ):
        with pytest.raises(InvalidTokenFile, match="edit it by hand"):
            change()


def test_a_secret_has_256_random_bits_and_no_look_of_its_digest() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(secret.startswith("bb_") and len(secret) == 46 for secret in secrets)
