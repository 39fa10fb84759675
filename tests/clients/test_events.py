"""The event reader loses nothing, repeats nothing, and reconnects."""

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


RESYNC = b'id: 90\nevent: resync\ndata: {"reason":"trimmed"}\n\n'


@pytest.mark.parametrize(
    ("streams", "start", "ids", "resumed"),
    [
        ([[HELLO, news(41), LOST], [news(42), SHUTDOWN], [news(43)]], None, 4, [None, "41", "42"]),
        ([[HELLO, LOST], [news(41)]], None, 2, [None, "40"]),
        ([[news(8)]], "7", 1, ["7"]),
        ([[news(41), news(42)[:30], LOST], [news(42)]], None, 2, [None, "41"]),
        ([[RESYNC, LOST], [news(91)]], "3", 2, ["3", "90"]),
        ([[news(1), b": heartbeat\nid: 700\n\n", LOST], [news(701)]], None, 2, [None, "700"]),
    ],
    ids=["lost", "lost after hello", "stored id", "half event", "resync", "heartbeat"],
)
def test_a_lost_connection_resumes_after_the_last_complete_event(
    streams: list[list[bytes | Exception]], start: str | None, ids: int, resumed: list[str | None]
) -> None:
    script = Script([stream(*chunks) for chunks in streams])
    seen = [int(each.id or 0) for each in take(script.client().events(last_event_id=start), ids)]
    assert seen == sorted(set(seen))
    assert script.sent("Last-Event-ID") == resumed


def test_an_event_has_its_kind_and_data_and_a_heartbeat_is_none() -> None:
    deleted = b'id: 5\nevent: deleted\ndata: {"id":\ndata: "task_1"}\n\n'
    script = Script([stream(b"retry: 1000\n: heartbeat\n\n", b"mood: calm\n\n", deleted, RESYNC)])
    first, second = take(script.client().events("task_1"), 2)
    assert (first.kind, first.data, first.task) == ("deleted", {"id": "task_1"}, None)
    assert (second.kind, second.data) == ("resync", {"reason": "trimmed"})
    assert dict(script.requests[0].url.params) == {"task": "task_1"}


def test_a_title_may_contain_other_line_separators() -> None:
    title = "a\u2028b\u0085c\u000bd"
    (event,) = take(Script([stream(news(1, title))]).client().events(), 1)
    assert event.task
    assert event.task.title == title


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
