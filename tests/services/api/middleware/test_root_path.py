"""Under a root path everything works, whether or not a proxy has removed it, and as guarded."""

from pathlib import Path

import pytest

from services.api.auth.token_registry import TokenRegistry
from tests.services.api.conftest import Service, problem

ROOT_PATH = "/backburner"
FORWARDED = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=127.0.0.1;host=evil.example;proto=https",
}


@pytest.mark.parametrize("prefix", ["", ROOT_PATH])
async def test_each_address_has_the_root_path_where_the_proxy_removes_it_or_not(
    prefix: str, service: Service
) -> None:
    async with service.client(root_path=ROOT_PATH) as client:
        reply = await client.post(f"{prefix}/v1/tasks", json={"input": "Why?"})
        assert reply.status_code == 202
        address = reply.headers["location"]
        assert address == f"{ROOT_PATH}/v1/tasks/{reply.json()['id']}"
        assert (await client.get(address)).json()["status"] == "queued"
        url = {"url": "https://example.com/hook"}
        hook = await client.post(f"{prefix}/v1/webhook-endpoints", json=url)
        hook_id = hook.json()["id"]
        assert hook.headers["location"] == f"{ROOT_PATH}/v1/webhook-endpoints/{hook_id}"
        described = (await client.get(f"{prefix}/openapi.json")).json()
        assert described["servers"] == [{"url": ROOT_PATH}]
        assert "/v1/tasks" in described["paths"]
        assert ROOT_PATH not in described["paths"]
        for path in ("/", "/scripts/main.js", "/docs", "/docs/start.js", "/healthz", "/readyz"):
            assert (await client.get(prefix + path)).status_code in (200, 503), path


async def test_without_the_slash_the_page_is_redirected_to_its_address(service: Service) -> None:
    async with service.client(root_path=ROOT_PATH) as client:
        reply = await client.get(ROOT_PATH)
        assert (reply.status_code, reply.headers["location"]) == (308, f"{ROOT_PATH}/")
        assert "content-security-policy" in reply.headers


@pytest.mark.parametrize(
    "path",
    [
        "/backburner/v1/tasks",
        "/backburner/v1/events",
        "/backburner/metrics",
        "/backburner/v1",
    ],
)
async def test_a_root_path_leads_past_no_check(path: str, service: Service, tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").write_text("")
    registry = TokenRegistry(tmp_path / "tokens.toml")
    async with service.client(root_path=ROOT_PATH, token_registry=registry) as client:
        assert problem(await client.get(path)) == (401, "unauthorized")
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert problem(await client.get(path, headers=foreign)) == (403, "cross-origin")
        evil = {"Host": "evil.example"}
        assert problem(await client.get(path, headers=evil)) == (421, "host-not-allowed")


@pytest.mark.parametrize(
    "path", ["/backburner/backburner/v1/tasks", "/backburnerv1/tasks", "/BACKBURNER/v1/tasks"]
)
async def test_the_root_path_is_removed_once_and_as_a_whole(path: str, service: Service) -> None:
    async with service.client(root_path=ROOT_PATH) as client:
        assert (await client.get(path)).status_code == 404


async def test_what_a_client_claims_to_have_been_forwarded_changes_nothing(
    service: Service,
) -> None:
    """No proxy has to be trusted: no address, name or scheme of theirs decides anything."""
    async with service.client(root_path=ROOT_PATH) as client:
        for path in ("/v1/tasks", "/openapi.json", "/docs", ROOT_PATH):
            plain, claimed = await client.get(path), await client.get(path, headers=FORWARDED)
            for reply in (plain, claimed):
                reply.headers.pop("x-request-id")
            assert claimed.headers == plain.headers
            assert claimed.content == plain.content
        accepted = await client.post("/v1/tasks", json={"input": "Why?"}, headers=FORWARDED)
        assert accepted.headers["location"].startswith(f"{ROOT_PATH}/v1/tasks/")
        evil = await client.get("/v1/tasks", headers={"Host": "evil.example", **FORWARDED})
        assert problem(evil) == (421, "host-not-allowed")
