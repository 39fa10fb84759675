"""The event reader loses nothing, repeats nothing, and comes back by itself."""

import json
from collections.abc import Iterator
from itertools import islice

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backburner import BackburnerError, Event
from tests.clients.answers import Script, Stream, ok, problem, stream, task

LOST = httpx.ReadError("connection reset")
HELLO = b'id: 40\nevent: hello\ndata: {"server_time":"2026-11-23T03:00:00Z","heartbeat_s":15}\n\n'
SHUTDOWN = b"event: shutdown\ndata: {}\n\n"


def news(number: int, title: str = "Why?") -> bytes:
    data = json.dumps(task(title=title), ensure_ascii=False)
    return f"id: {number}\nevent: task\ndata: {data}\n\n".encode()


def take(events: Iterator[Event], count: int) -> list[Event]:
    return list(islice(events, count))


def test_a_task_event_carries_the_task_and_where_to_resume() -> None:
    script = Script([stream(HELLO, news(41))])
    hello, first = take(script.client().events(), 2)
    assert (hello.kind, hello.id, hello.task) == ("hello", "40", None)
    assert (first.kind, first.id, first.task and first.task.title) == ("task", "41", "Why?")


def test_a_lost_connection_resumes_after_the_last_event_seen() -> None:
    script = Script([stream(HELLO, news(41), LOST), stream(news(42), SHUTDOWN), stream(news(43))])
    seen = take(script.client().events(), 4)
    assert [each.id for each in seen] == ["40", "41", "42", "43"]
    assert script.sent("Last-Event-ID") == [None, "41", "42"]
    assert [trouble.kind for trouble in script.troubles] == ["unreachable"]


def test_before_the_first_event_it_resumes_from_where_hello_stood() -> None:
    script = Script([stream(HELLO, LOST), stream(news(41))])
    take(script.client().events(), 2)
    assert script.sent("Last-Event-ID") == [None, "40"]


def test_a_program_that_kept_the_last_id_goes_on_there() -> None:
    script = Script([stream(news(8))])
    take(script.client().events("task_1", last_event_id="7"), 1)
    assert script.sent("Last-Event-ID") == ["7"]
    assert dict(script.requests[0].url.params) == {"task": "task_1"}


def test_a_half_event_is_none_and_comes_again_whole() -> None:
    script = Script([stream(news(41), news(42)[:30], LOST), stream(news(42))])
    assert [each.id for each in take(script.client().events(), 2)] == ["41", "42"]
    assert script.sent("Last-Event-ID") == [None, "41"]


def test_a_resync_is_told_and_moves_the_place_to_resume() -> None:
    resync = b'id: 90\nevent: resync\ndata: {"reason":"trimmed"}\n\n'
    script = Script([stream(resync, LOST), stream(news(91))])
    told, _ = take(script.client().events(last_event_id="3"), 2)
    assert (told.kind, told.data) == ("resync", {"reason": "trimmed"})
    assert script.sent("Last-Event-ID") == ["3", "90"]


def test_a_deletion_is_told_by_its_id() -> None:
    script = Script([stream(b'id: 5\nevent: deleted\ndata: {"id":"task_1"}\n\n')])
    (event,) = take(script.client().events(), 1)
    assert (event.kind, event.data, event.task) == ("deleted", {"id": "task_1"}, None)


def test_it_waits_between_tries_and_as_long_as_it_is_told() -> None:
    full = problem(503, "too-many-event-subscribers", retry_after=9)
    script = Script([stream(SHUTDOWN), full, stream(SHUTDOWN), stream(news(1))])
    take(script.client().events(), 1)
    assert script.pauses[1] == 9
    assert all(0 < pause <= 9 for pause in script.pauses)


def test_a_server_that_is_away_for_an_hour_is_come_back_to() -> None:
    script = Script(
        [stream(news(1), LOST), *[httpx.ConnectError("refused")] * 900, stream(news(2))]
    )
    assert [each.id for each in take(script.client().events(), 2)] == ["1", "2"]
    assert max(script.pauses) <= 5


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (problem(404, "task-not-found"), "task-not-found"),
        (ok({"status": "ok"}), "unexpected-reply"),
        (stream(b"event: task\ndata: {half\n\n"), "unexpected-reply"),
        (stream(b"event: task\ndata: []\n\n"), "unexpected-reply"),
        (stream(b"event: task\ndata: \xff\n\n"), "unexpected-reply"),
    ],
)
def test_what_will_not_get_better_ends_it(reply: httpx.Response, kind: str) -> None:
    with pytest.raises(BackburnerError) as caught:
        take(Script([reply]).client().events(), 1)
    assert caught.value.kind == kind


def test_heartbeats_and_unknown_fields_are_no_events() -> None:
    script = Script([stream(b"retry: 1000\n: heartbeat\n\n", b"mood: calm\n\n", news(1))])
    assert [each.id for each in take(script.client().events(), 1)] == ["1"]


def test_a_heartbeat_moves_the_place_to_resume_and_is_no_event() -> None:
    script = Script([stream(news(1), b": heartbeat\nid: 700\n\n", LOST), stream(news(701))])
    assert [each.id for each in take(script.client().events("task_1"), 2)] == ["1", "701"]
    assert script.sent("Last-Event-ID") == [None, "700"]


def test_a_title_may_hold_what_other_readers_take_for_the_end_of_a_line() -> None:
    title = "a\u2028b\u0085c\u000bd"
    script = Script([stream(news(1, title))])
    (event,) = take(script.client().events(), 1)
    assert event.task
    assert event.task.title == title


@given(st.data())
def test_where_the_network_cuts_the_stream_makes_no_difference(data: st.DataObject) -> None:
    ends = data.draw(st.sampled_from([b"\n", b"\r\n"]))
    whole = b"".join([HELLO, b": heartbeat\n\n", news(41, "für dich \U0001f4cc"), news(42)])
    whole = whole.replace(b"\n", ends)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    script = Script([stream(*pieces)])
    seen = take(script.client().events(), 3)
    assert [each.id for each in seen] == ["40", "41", "42"]
    assert seen[1].task
    assert seen[1].task.title == "für dich \U0001f4cc"


def test_data_in_several_lines_is_one() -> None:
    script = Script([stream(b'event: deleted\ndata: {"id":\ndata: "task_1"}\n\n')])
    assert take(script.client().events(), 1)[0].data == {"id": "task_1"}


def test_who_stops_reading_lets_go_of_the_connection() -> None:
    closed = []

    class Watched(Stream):
        def close(self) -> None:
            closed.append(True)

    reply = httpx.Response(
        200, headers={"Content-Type": "text/event-stream"}, stream=Watched(news(1), news(2))
    )
    events = Script([reply]).client().events()
    next(events)
    events.close()  # type: ignore[attr-defined]  # -- a generator
    assert closed == [True]
