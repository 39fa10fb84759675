"""A record is read whole, or refused where a newer version wrote it."""

import pytest

from shared.domain.states import PauseReason, Status
from shared.domain.task import SCHEMA, RecordUnreadable, Task, readable

RECORD = {
    b"schema": b"%d" % SCHEMA,
    b"id": b"task_1",
    b"provider": b"openai",
    b"status": b"queued",
    b"title": "Títle".encode(),
    b"seq": b"7",
    b"created_at": b"1765339742000",
    b"version": b"3",
    b"generation": b"2",
}


def test_every_field_is_read_as_what_it_is() -> None:
    more = {
        b"paused": b"quota",
        b"usage": b'{"input_tokens":1}',
        b"cost": b"15",
        b"claim_token": b"c",
    }
    task = Task.from_record(RECORD | more)
    assert (task.status, task.paused) == (Status.QUEUED, PauseReason.QUOTA)
    assert (task.title, task.seq, task.usage, task.cost) == ("Títle", 7, {"input_tokens": 1}, 15)
    assert (task.claim_token, task.response_id, task.is_terminal) == ("c", None, False)


@pytest.mark.parametrize(
    ("stored", "detail", "paused"),
    [
        (b"bad_key", b"provider_refuses", PauseReason.PROVIDER_REFUSES),
        (b"quota", b"provider_refuses", PauseReason.QUOTA),
        (b"bad_key", b"a_later_word", PauseReason.BAD_KEY),
        (None, b"provider_refuses", None),
    ],
)
def test_a_pause_that_earlier_versions_cannot_read_is_refined_by_a_field_of_its_own(
    stored: bytes | None, detail: bytes, paused: PauseReason | None
) -> None:
    fields = {b"pause_detail": detail} | ({} if stored is None else {b"paused": stored})
    assert Task.from_record(RECORD | fields).paused is paused


def test_a_field_that_is_not_known_is_left_alone() -> None:
    assert Task.from_record(RECORD | {b"change_token": b"token"}) == Task.from_record(RECORD)


@pytest.mark.parametrize(
    "record", [{}, RECORD | {b"schema": b"%d" % (SCHEMA + 1)}, {b"id": b"task_1"}]
)
def test_a_newer_record_or_none_is_refused(record: dict[bytes, bytes]) -> None:
    assert not readable(record)
    with pytest.raises(RecordUnreadable):
        Task.from_record(record)
