"""A process that cannot start says so in one line; what nobody foresaw stays a traceback."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.domain.errors import InvalidSetting, StoreUnsafe
from shared.runtime.startup import run_main

UNSAFE = (
    "the store at REDIS_URL is unsafe: it evicts; it forgets."
    " BACKBURNER_ALLOW_UNSAFE_STORE=true accepts that."
)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InvalidSetting("REDIS_URL is no address."), "REDIS_URL is no address."),
        (StoreUnsafe(("it evicts", "it forgets")), UNSAFE),
        (
            RedisConnectionError("refused"),
            "the store at REDIS_URL does not answer (ConnectionError: refused).",
        ),
        (OSError("port 8000 is taken"), "port 8000 is taken."),
    ],
)
def test_an_error_that_an_operator_can_fix_is_one_sentence(
    capsys: pytest.CaptureFixture[str], error: Exception, sentence: str
) -> None:
    def start() -> None:
        raise error

    assert run_main("The poller", start) == 1
    assert capsys.readouterr().err == f"The poller cannot start: {sentence}\n"


def test_a_start_that_works_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main("The poller", lambda: None) == 0
    assert capsys.readouterr().err == ""


def test_a_mistake_of_ours_is_not_hidden() -> None:
    def start() -> None:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        run_main("The poller", start)
