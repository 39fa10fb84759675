"""An owner learns nothing of another's tasks: not by a status, a body, a count, or an event."""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
import pytest

from services.api.auth.token import digest
from tests.harness import Installation, eventually, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

WORD = "Zanzibar"
"""Stands in the title, the question and the answer of Alice's tasks."""

VARYING = {"date", "x-request-id"}


@dataclass(frozen=True)
class Owner:
    """A caller with a token."""

    name: str
    url: str

    @cached_property
    def secret(self) -> str:
        return f"bb_{self.name}_{secrets.token_urlsafe(16)}"

    @property
    def table(self) -> str:
        admin = str(self.name == "admin").lower()
        return f'[tokens.{self.name}]\nsha256 = "{digest(self.secret.encode())}"\nadmin = {admin}\n'

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.secret}", **options.pop("headers", {})}
        return http.request(method, f"{self.url}{path}", headers=headers, timeout=30, **options)

    def submit(self, question: str, **body: Any) -> str:
        reply = self.ask("POST", "/v1/tasks", json={"input": question, **body})
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    def task(self, task_id: str) -> Any:
        reply = self.ask("GET", f"/v1/tasks/{task_id}")
        assert reply.status_code == 200, reply.text
        return reply.json()

    def until(self, task_id: str, status: str) -> str:
        eventually(lambda: self.task(task_id)["status"] == status, f"{task_id} is {status}")
        return task_id


@dataclass
class House:
    """An installation with three owners, and what Alice keeps there, by its state."""

    place: Installation
    alice: Owner
    bob: Owner
    admin: Owner
    kept: dict[str, str]

    def everything(self) -> list[Any]:
        """All of Alice's tasks as they are now; what is deleted has only a receipt."""
        return [self.alice.ask("GET", f"/v1/tasks/{each}").json() for each in self.kept.values()]


def furnish(place: Installation, alice: Owner) -> dict[str, str]:
    """One task in every state that lasts."""
    kept = {"completed": alice.until(alice.submit(f"{WORD}?", title=WORD), "completed")}
    kept["follow-up"] = alice.submit(f"{WORD} again?", parent_id=kept["completed"])
    alice.until(kept["follow-up"], "completed")
    kept["running"] = alice.submit(f"{WORD} [simulate: takes 600 s]")
    alice.until(kept["running"], "in_progress")
    place.fault("accept_then_drop", "create")
    kept["unconfirmed"] = alice.until(alice.submit(f"{WORD} lost"), "unconfirmed")
    kept["deleted"] = alice.until(alice.submit(f"{WORD} to go"), "completed")
    alice.ask("DELETE", f"/v1/tasks/{kept['deleted']}")
    gone = f"/v1/tasks/{kept['deleted']}"
    eventually(lambda: alice.ask("GET", gone).status_code == 410, "deleted")
    return kept


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with Installation(tmp_path_factory.mktemp("owners")) as place:
        place.valkey()
        place.simulator()
        place.poller()
        tokens = place.folder / "tokens.toml"
        tokens.touch()
        place.api(BACKBURNER_TOKENS_FILE=str(tokens), BACKBURNER_WEBHOOK_ALLOW="hooks.example")
        alice, bob, admin = (Owner(name, place.api_url) for name in ("alice", "bob", "admin"))
        tokens.write_text(alice.table + bob.table + admin.table)
        for owner in (alice, bob, admin):
            eventually(lambda who=owner: who.ask("GET", "/v1/tasks").is_success, "a token")
        yield House(place, alice, bob, admin, furnish(place, alice))


def operations(house: House) -> set[tuple[str, str]]:
    """Every call that the API describes."""
    paths = http.get(f"{house.place.api_url}/openapi.json").json()["paths"]
    return {(method.upper(), path) for path, calls in paths.items() for method in calls}


TASK_PROBLEMS = {
    ("GET", ""): {},
    ("DELETE", ""): {},
    ("PATCH", ""): {"json": {"pinned": True, "read": True, "title": "Mine"}},
    ("POST", "/cancel"): {},
    ("POST", "/abandon"): {},
    ("POST", "/retry"): {},
    ("POST", "/adopt"): {"json": {"response_id": "resp_1"}},
    ("GET", "/answer"): {},
    ("GET", "/messages/0"): {},
    ("GET", "/response"): {},
    ("GET", "/thread"): {},
    ("GET", "/export"): {},
    ("GET", "/thread/export"): {},
    ("GET", "/progress"): {},
}
"""Every call that names a task, with what it needs beside the name."""

RESPONSE_CALLS = {("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/input_items")}
"""The same of OpenAI's API, which shows a task as a response."""

ENDPOINTS = "/v1/webhook-endpoints"
ENDPOINT_CALLS = {
    ("GET", ""): {},
    ("PATCH", ""): {"json": {"disabled": True}},
    ("DELETE", ""): {},
    ("POST", "/test"): {},
    ("POST", "/rotate-secret"): {},
    ("GET", "/deliveries"): {},
}
"""Every call that names a webhook endpoint, with what it needs beside the name."""

WITHOUT_A_TASK = {
    ("GET", ENDPOINTS),
    ("POST", ENDPOINTS),
    ("POST", "/v1/responses"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/{model}"),
    ("POST", "/v1/tasks"),
    ("GET", "/v1/tasks"),
    ("GET", "/v1/events"),
    ("GET", "/v1/me"),
    ("GET", "/v1/presets"),
    ("PUT", "/v1/presets/{preset_id}"),
    ("DELETE", "/v1/presets/{preset_id}"),
    ("GET", "/v1/spending"),
    ("GET", "/v1/notifications"),
    ("GET", "/v1/estimate"),
    ("GET", "/metrics"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("POST", "/v1/webhooks/openai"),
}
"""Every other; each has a test of its own here, or tells nothing of tasks."""


def test_no_call_is_forgotten_here(house: House) -> None:
    """A new call must be listed here, with what another owner learns from it."""
    task = "/v1/tasks/{task_id}"
    known = {
        (method, f"{task}{path.replace('/messages/0', '/messages/{index}')}")
        for method, path in TASK_PROBLEMS
    }
    known |= {(method, f"/v1/responses/{{response_id}}{path}") for method, path in RESPONSE_CALLS}
    known |= {(method, f"{ENDPOINTS}/{{endpoint_id}}{path}") for method, path in ENDPOINT_CALLS}
    assert operations(house) == known | WITHOUT_A_TASK


def told(reply: httpx.Response, task_id: str) -> tuple[int, dict[str, str], bytes]:
    """Everything that a reply says, but for the id that was asked for."""
    headers = {name: value for name, value in reply.headers.items() if name not in VARYING}
    return reply.status_code, headers, reply.content.replace(task_id.encode(), b"ID")


@pytest.mark.parametrize(("method", "path"), TASK_PROBLEMS, ids=" ".join)
@pytest.mark.parametrize(
    "headers",
    [{}, {"If-None-Match": 'W/"1", W/"2", W/"3", W/"4", *', "Prefer": "wait=1"}],
    ids=["plain", "conditional"],
)
def test_anothers_task_is_one_that_never_was(
    house: House, method: str, path: str, headers: dict[str, str]
) -> None:
    before = house.everything()
    for task_id in house.kept.values():
        unknown = f"task_{secrets.token_hex(16)}"
        options = TASK_PROBLEMS[method, path] | {"headers": headers}
        foreign, nothing = (
            told(house.bob.ask(method, f"/v1/tasks/{each}{path}", **options), each)
            for each in (task_id, unknown)
        )
        assert foreign == nothing
        assert foreign[0] == 404
    moving = {"polls", "last_polled_at", "next_poll_at"}
    after = house.everything()
    for old, new in zip(before, after, strict=True):
        assert {**old, **dict.fromkeys(moving)} == {**new, **dict.fromkeys(moving)}


def test_anothers_webhook_endpoint_is_one_that_never_was(house: House) -> None:
    made = house.alice.ask("POST", ENDPOINTS, json={"url": "https://hooks.example/"})
    assert made.status_code == 201, made.text
    theirs = made.json()["id"]
    for (method, path), options in ENDPOINT_CALLS.items():
        for who in (house.bob, house.admin):
            foreign, nothing = (
                told(who.ask(method, f"{ENDPOINTS}/{each}{path}", **options), each)
                for each in (theirs, f"we_{secrets.token_hex(16)}")
            )
            assert foreign == nothing
            assert foreign[0] == 404
    assert house.bob.ask("GET", ENDPOINTS).json() == {"data": []}
    foreign, nothing = (
        told(house.bob.ask("POST", "/v1/tasks", json={"input": "?", "webhook_endpoint": each}), "")
        for each in (theirs, f"we_{secrets.token_hex(16)}")
    )
    assert foreign == nothing
    assert foreign[0] == 422
    assert house.alice.ask("GET", f"{ENDPOINTS}/{theirs}").json()["disabled"] is False
    assert house.alice.ask("DELETE", f"{ENDPOINTS}/{theirs}").status_code == 204


@pytest.mark.parametrize(
    ("method", "path"), sorted(RESPONSE_CALLS | {("GET", "?stream=true")}), ids=" ".join
)
def test_anothers_response_is_one_that_never_was(house: House, method: str, path: str) -> None:
    before = house.everything()
    for task_id in house.kept.values():
        foreign, nothing = (
            told(house.bob.ask(method, f"/v1/responses/resp_{digits}{path}"), digits)
            for digits in (task_id.removeprefix("task_"), secrets.token_hex(16))
        )
        assert foreign == nothing
        assert foreign[0] == 404
    assert [each["status"] for each in house.everything()] == [each["status"] for each in before]
    mine = house.kept["completed"].replace("task_", "resp_")
    if method == "GET":
        assert house.alice.ask(method, f"/v1/responses/{mine}{path}").is_success


def test_anothers_response_cannot_be_continued_nor_joined(house: House) -> None:
    theirs = house.kept["completed"].removeprefix("task_")
    foreign, nothing = (
        told(
            house.bob.ask(
                *("POST", "/v1/responses"),
                json={"input": "And?", "previous_response_id": f"resp_{digits}"},
            ),
            digits,
        )
        for digits in (theirs, secrets.token_hex(16))
    )
    assert foreign == nothing
    assert foreign[0] == 400
    body = {"json": {"input": "Whose?", "background": True}}
    retry = {"x-stainless-retry-count": "1"}
    made = [
        owner.ask("POST", "/v1/responses", **body, headers=retry).json()["id"]
        for owner in (house.alice, house.bob, house.alice)
    ]
    assert made[0] == made[2] != made[1]
    for owner, response_id in ((house.alice, made[0]), (house.bob, made[1])):
        task = f"/v1/tasks/{response_id.replace('resp_', 'task_')}"
        owner.until(task.rpartition("/")[2], "completed")
        owner.ask("DELETE", task)
        eventually(lambda who=owner, at=task: who.ask("GET", at).status_code == 410, "deleted")


@pytest.mark.parametrize(("method", "path"), TASK_PROBLEMS, ids=" ".join)
def test_the_owner_and_an_admin_get_what_the_other_did_not(
    house: House, method: str, path: str
) -> None:
    """Else the test above would pass on an API that finds nothing."""
    if method == "GET":
        for owner in (house.alice, house.admin):
            assert owner.ask("GET", f"/v1/tasks/{house.kept['completed']}{path}").is_success
            assert owner.ask("GET", f"/v1/tasks/{house.kept['deleted']}{path}").status_code == 410
    else:
        wrong = {"/cancel": "completed", "/abandon": "completed", "/adopt": "completed"}
        state = wrong.get(path, "running")
        reply = house.alice.ask(
            method, f"/v1/tasks/{house.kept[state]}{path}", **TASK_PROBLEMS[method, path]
        )
        assert reply.status_code == (200 if method == "PATCH" else 409)


def test_lists_hold_ones_own_alone_whatever_is_asked_for(house: House) -> None:
    mine = house.bob.submit("Something of Bob's")
    house.bob.until(mine, "completed")
    statuses = ["queued", "submitting", "in_progress", "unconfirmed", "completed", "cancelled"]
    place = house.alice.ask("GET", "/v1/tasks", params={"limit": 1}).json()["next_cursor"]
    asked: list[dict[str, Any]] = [{}, {"limit": 1}, {"cursor": place}]
    asked += [{"status": status} for status in statuses]
    for query in asked:
        page = house.bob.ask("GET", "/v1/tasks", params=query).json()
        assert {task["id"] for task in page["data"]} <= {mine}
        assert page["next_cursor"] is None
    theirs = {task["id"] for task in house.alice.ask("GET", "/v1/tasks").json()["data"]}
    alices = {each for state, each in house.kept.items() if state != "deleted"}
    assert theirs == alices
    everybodys = {task["id"] for task in house.admin.ask("GET", "/v1/tasks").json()["data"]}
    assert everybodys >= alices | {mine}


def test_no_place_in_a_list_or_a_stream_tells_how_much_others_do(house: House) -> None:
    """The numbers behind them are counted for everybody."""
    house.bob.submit("So that there is a second page")
    places = [
        house.bob.ask("GET", "/v1/tasks", params={"limit": 1}).json()["next_cursor"]
        for _ in range(2)
    ]
    for _ in range(2):
        with followed(house.bob) as lines:
            places += [next(line for line in lines if line.startswith("id: "))[4:]]
    assert len(set(places)) == 4
    assert all(re.fullmatch("[A-Za-z0-9_-]{48}", place) for place in places)


def found(owner: Owner, **query: Any) -> httpx.Response:
    """What a search brings, as soon as the index is there."""
    reply: httpx.Response = eventually(
        lambda: answer if (answer := owner.ask("GET", "/v1/tasks", params=query)) else None,
        "the index",
    )
    assert reply.status_code == 200
    return reply


def test_a_search_finds_ones_own_alone(house: House) -> None:
    eventually(lambda: len(found(house.alice, q=WORD).json()["data"]) == 4, "indexed")
    for query in (WORD, f'"{WORD} again"', f"{WORD[:4]}*", f"{WORD} to go"):
        foreign, nothing = (found(house.bob, q=words) for words in (query, "Xylophonistically"))
        assert foreign.json() == nothing.json() == {"data": [], "next_cursor": None}
    assert len(found(house.admin, q=WORD).json()["data"]) == 4


@contextmanager
def followed(owner: Owner) -> Iterator[Iterator[str]]:
    """The lines of an event stream."""
    headers = {"Authorization": f"Bearer {owner.secret}"}
    with http.stream("GET", f"{owner.url}/v1/events", headers=headers, timeout=30) as reply:
        yield reply.iter_lines()


def named(lines: Iterator[str], last: str) -> set[str]:
    """All tasks that are named until the last one has completed."""
    seen: set[str] = set()
    for line in lines:
        seen |= set(re.findall(r"task_[0-9a-f]{32}", line))
        if last in line and '"status":"completed"' in line:
            break
    return seen


def test_an_event_is_told_to_its_owner_and_to_admins(house: House) -> None:
    owners = (house.alice, house.bob, house.admin)
    with ExitStack() as streams:
        lines = {owner: streams.enter_context(followed(owner)) for owner in owners}
        for stream in lines.values():
            assert next(stream) == "event: hello"
        theirs = house.alice.submit(f"{WORD} for an event")
        house.alice.until(theirs, "completed")
        own = house.bob.submit("An event of Bob's")
        house.bob.until(own, "completed")
        last = {house.alice: theirs, house.bob: own, house.admin: own}
        seen = {owner: named(lines[owner], last[owner]) for owner in owners}
    # What earlier tests handed in may still be on its way.
    assert theirs in seen[house.alice]
    assert own not in seen[house.alice]
    assert own in seen[house.bob]
    assert theirs not in seen[house.bob]
    assert {theirs, own} <= seen[house.admin]


def test_the_events_of_one_foreign_task_are_those_of_none(house: House) -> None:
    for task_id in house.kept.values():
        unknown = f"task_{secrets.token_hex(16)}"
        foreign, nothing = (
            told(house.bob.ask("GET", "/v1/events", params={"task": each}), each)
            for each in (task_id, unknown)
        )
        assert foreign == nothing
        assert foreign[0] == 404


def test_anothers_task_cannot_be_continued_and_is_not_known_to_be_there(house: House) -> None:
    for task_id in house.kept.values():
        unknown = f"task_{secrets.token_hex(16)}"
        foreign, nothing = (
            told(
                house.bob.ask("POST", "/v1/tasks", json={"input": "Why?", "parent_id": each}), each
            )
            for each in (task_id, unknown)
        )
        assert foreign == nothing
        assert foreign[0] == 422


def test_one_key_of_two_owners_stands_for_two_tasks(house: House) -> None:
    call: dict[str, Any] = {"json": {"input": "Same?"}, "headers": {"Idempotency-Key": "the same"}}
    first, second, again = (
        owner.ask("POST", "/v1/tasks", **call) for owner in (house.alice, house.bob, house.bob)
    )
    assert [reply.status_code for reply in (first, second, again)] == [202] * 3
    assert first.json()["id"] != second.json()["id"] == again.json()["id"]
    assert "idempotent-replayed" not in second.headers
    other = house.bob.ask("POST", "/v1/tasks", **(call | {"json": {"input": "Other?"}}))
    assert first.json()["id"] not in other.text


def test_what_an_admin_adds_to_a_thread_is_not_shown_to_its_owner(house: House) -> None:
    secret = house.admin.submit("Between admins", parent_id=house.kept["completed"])
    for path in ("/thread", "/thread/export"):
        address = f"/v1/tasks/{house.kept['completed']}{path}"
        assert secret not in house.alice.ask("GET", address).text
        assert secret in house.admin.ask("GET", address).text
    for path in TASK_PROBLEMS:
        assert house.alice.ask(path[0], f"/v1/tasks/{secret}{path[1]}").status_code in (404, 422)


def test_an_adoption_does_not_tell_whose_response_it_was(house: House) -> None:
    response_id = house.alice.task(house.kept["completed"])["response_id"]
    house.place.fault("accept_then_drop", "create")
    mine = house.bob.until(house.bob.submit("Lost, too"), "unconfirmed")
    reply = house.bob.ask("POST", f"/v1/tasks/{mine}/adopt", json={"response_id": response_id})
    assert reply.status_code == 202
    refused = eventually(lambda: house.bob.task(mine)["adoption_refused"], "refused")
    assert "another task" in refused
    assert house.kept["completed"] not in refused


def test_presets_are_ones_own_alone(house: House) -> None:
    preset = {"name": WORD, "text": "Be brief."}
    assert house.alice.ask("PUT", "/v1/presets/one", json=preset).is_success
    assert house.bob.ask("GET", "/v1/presets").json() == {"data": []}
    assert house.bob.ask("DELETE", "/v1/presets/one").is_success
    assert house.alice.ask("GET", "/v1/presets").json() == {"data": [preset | {"id": "one"}]}


def test_each_owner_has_an_id_of_their_own(house: House) -> None:
    told = {owner.name: owner.ask("GET", "/v1/me").json() for owner in (house.alice, house.bob)}
    assert {name: me["name"] for name, me in told.items()} == {"alice": "alice", "bob": "bob"}
    ids = [me["id"] for me in told.values()]
    assert ids[0] != ids[1]
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in ids)
    assert house.admin.ask("GET", "/v1/me").json()["admin"]


def test_spending_is_ones_own_alone(house: House) -> None:
    def spent(owner: Owner) -> Any:
        return owner.ask("GET", "/v1/spending").json()

    def at_rest(owner: Owner) -> bool:
        statuses = ("queued", "submitting", "in_progress")
        lists = [owner.ask("GET", "/v1/tasks", params={"status": each}) for each in statuses]
        return not any(each.json()["data"] for each in lists)

    house.bob.until(house.bob.submit("What does it cost?"), "completed")
    eventually(lambda: at_rest(house.bob), "all that Bob has asked is answered")
    before = spent(house.bob)
    assert before["total"]["tasks"] > 0
    house.alice.until(house.alice.submit("What does mine cost?"), "completed")
    assert spent(house.bob) == before
    assert before["today"]["installation"] is None
    names = {entry["owner"] for day in before["days"] for entry in day["outcomes"]}
    assert names | {one["owner"] for one in before["today"]["owners"]} == {"bob"}
    everybodys = spent(house.admin)
    everybody = {entry["owner"] for day in everybodys["days"] for entry in day["outcomes"]}
    assert everybody >= {"alice", "bob"}
    assert everybodys["today"]["installation"]["spent_usd"] > 0


def test_a_retry_by_an_admin_stays_the_owners(house: House) -> None:
    reply = house.admin.ask("POST", f"/v1/tasks/{house.kept['completed']}/retry")
    assert house.alice.task(reply.json()["id"])["retry_of"] == house.kept["completed"]
    assert house.bob.ask("GET", f"/v1/tasks/{reply.json()['id']}").status_code == 404


def test_metrics_are_for_admins_and_readyz_tells_of_no_task(house: House) -> None:
    assert house.bob.ask("GET", "/metrics").status_code == 403
    assert WORD not in house.bob.ask("GET", "/readyz").text
    assert "task" not in house.bob.ask("GET", "/readyz").json()["issues"]


def test_what_was_accepted_before_there_were_tokens_is_for_admins(house: House) -> None:
    anybody = Installation(house.place.folder, redis_url=house.place.redis_url)
    with anybody:
        anybody.api()
        old = anybody.submit("Before there were owners")["id"]
    assert house.admin.ask("GET", f"/v1/tasks/{old}").status_code == 200
    assert house.alice.ask("GET", f"/v1/tasks/{old}").status_code == 404
    listed = house.alice.ask("GET", "/v1/tasks", params={"limit": 100}).json()["data"]
    assert old not in {task["id"] for task in listed}


def test_a_revoked_token_is_out_within_a_second_and_so_is_its_event_stream(house: House) -> None:
    guest = Owner("guest", house.place.api_url)
    tokens = house.place.folder / "tokens.toml"
    before = tokens.read_text()
    tokens.write_text(before + guest.table)
    eventually(lambda: guest.ask("GET", "/v1/tasks").is_success, "the guest is in")
    with followed(guest) as lines:
        assert next(lines) == "event: hello"
        tokens.write_text(before)
        eventually(lambda: guest.ask("GET", "/v1/tasks").status_code == 401, "out", patience=1)
        assert not [line for line in lines if line.startswith("event: task")]
    api = next(each for each in house.place.processes if each.name == "api")
    assert "Traceback" not in api.output
