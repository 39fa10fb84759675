"""Each dialect differs from the real service in what its name says, and in nothing else."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from pydantic import ValidationError

from services.simulator.app import create_app
from services.simulator.database import connect
from services.simulator.dialects import DIALECTS
from services.simulator.settings import SETTABLE, Settings
from services.simulator.simulator import Simulator
from tests.harness import ROOT
from tests.services.simulator.conftest import Clock, counting_hex

BODY: dict[str, Any] = {"model": "gpt-5-pro", "background": True}
PAGE = (ROOT / "docs" / "simulator.md").read_text()


@pytest.mark.parametrize(
    ("dialect", "form"),
    [
        ("litellm ids", r"litellm_poll_\w+"),
        ("azure ids", r"caresp_\w+"),
        ("dash ids", r"resp-\w+"),
        ("encoded ids", r"resp_\w+\.\w+="),
    ],
)
async def test_an_id_has_another_form_and_is_found(
    dialect: str, form: str, ask: Any, client: httpx.AsyncClient
) -> None:
    created = await ask(f"Why? [simulate: {dialect}]")
    assert re.fullmatch(form, created["id"])
    shown = (await client.get(f"/v1/responses/{created['id']}")).json()
    assert shown["id"] == created["id"]


async def test_a_synchronous_reply_holds_the_answer(ask: Any) -> None:
    assert (await ask("Why? [simulate: synchronous]"))["status"] == "completed"


async def test_a_forgotten_response_is_not_found(ask: Any, client: httpx.AsyncClient) -> None:
    created = await ask("Why? [simulate: forgotten]")
    reply = await client.get(f"/v1/responses/{created['id']}")
    assert (reply.status_code, created["id"] in reply.text) == (404, True)


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("integer codes", {"error": {"message": "This request is refused.", "code": 400}}),
        ("string errors", {"error": "This request is refused."}),
        ("detail errors", {"detail": "This request is refused."}),
        ("html errors", None),
    ],
)
async def test_an_error_has_another_envelope(
    dialect: str, body: Any, client: httpx.AsyncClient
) -> None:
    reply = await client.post(
        "/v1/responses", json=BODY | {"input": f"Why? [simulate: refused, {dialect}]"}
    )
    assert reply.status_code == 400
    if body is None:
        assert reply.headers["content-type"] == "text/html"
    else:
        assert reply.json() == body


async def test_a_bare_404_does_not_name_the_response(ask: Any, client: httpx.AsyncClient) -> None:
    created = await ask("Why? [simulate: forgotten, bare 404s]")
    reply = await client.get(f"/v1/responses/{created['id']}")
    assert (reply.status_code, reply.json()) == (404, {"detail": "Not Found"})


async def test_only_the_reply_to_a_get_is_a_page_or_compressed_or_accepted(
    ask: Any, client: httpx.AsyncClient
) -> None:
    replies = {}
    for dialect in ("html pages", "mislabelled gzip", "accepted"):
        created = await ask(f"Why? [simulate: {dialect}]")
        replies[dialect] = await client.get(f"/v1/responses/{created['id']}")
        assert created["status"] == "queued"
    assert replies["html pages"].headers["content-type"] == "text/html"
    assert replies["html pages"].status_code == 200
    body = replies["mislabelled gzip"]
    assert "content-encoding" not in body.headers
    assert orjson.loads(gzip.decompress(body.content))["object"] == "response"
    assert replies["accepted"].status_code == 202


async def test_a_get_shows_another_id_a_foreign_one_or_none(
    ask: Any, client: httpx.AsyncClient
) -> None:
    shown = {}
    for dialect in ("another id", "foreign id", "no id"):
        created = await ask(f"Why? [simulate: {dialect}]", metadata={"task_id": "task_1"})
        shown[dialect] = (await client.get(f"/v1/responses/{created['id']}")).json()
        assert shown[dialect].get("id") != created["id"]
    assert shown["another id"]["metadata"] == {"task_id": "task_1"}
    assert shown["foreign id"]["metadata"] is None
    assert "id" not in shown["no id"]


async def test_an_answer_has_several_messages_or_plain_content_or_no_counts(end: Any) -> None:
    several = await end("Why? [simulate: several messages]")
    assert [item["type"] for item in several["output"]].count("message") == 2
    plain = await end("Why? [simulate: plain content]")
    assert isinstance(plain["output"][-1]["content"], str)
    usage = (await end("Why? [simulate: zero usage]"))["usage"]
    assert set(usage.values()) == {0}


@pytest.fixture
async def synchronous(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server that is set to dialects for every call."""
    settings = Settings(data_dir=tmp_path, dialect=("synchronous", "azure ids", "no models"))
    database = connect(tmp_path / "simulator.sqlite")
    app = create_app(Simulator(settings, database, Clock(), counting_hex()), lambda _: None)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://simulator",
        headers={"authorization": "Bearer sk-simulator"},
    ) as client:
        yield client
    database.close()


async def test_a_server_may_speak_dialects_to_all(synchronous: httpx.AsyncClient) -> None:
    created = await synchronous.post("/v1/responses", json=BODY | {"input": "Why?"})
    assert created.json()["status"] == "completed"
    assert created.json()["id"].startswith("caresp_")
    model = await synchronous.get("/v1/models/gpt-5-pro")
    assert (model.status_code, model.json()) == (404, {"detail": "Not Found"})


def test_dialects_are_set_by_their_names_and_an_unknown_one_ends_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BACKBURNER_SIMULATOR_DIALECT", "Azure ids, no models")
    assert Settings().dialect == ("azure ids", "no models")
    monkeypatch.setenv("BACKBURNER_SIMULATOR_DIALECT", "klingon")
    with pytest.raises(ValidationError, match="no dialect 'klingon'"):
        Settings()


@pytest.mark.parametrize("name", [*DIALECTS, *SETTABLE])
def test_every_dialect_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PAGE
