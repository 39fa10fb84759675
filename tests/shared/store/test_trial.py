"""A trial of a real store names each right that its user lacks, and why it takes no write."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from shared.domain.errors import StoreRefuses
from shared.store import rights
from shared.store.connection import connection_pool
from shared.store.durability import Durability
from shared.store.replicas import Replicas
from shared.store.trial import StoreTrial
from tests.harness import ROOT, Installation, free_port

pytestmark = pytest.mark.integration
PAGE = (ROOT / "docs" / "operations.md").read_text()
[ACL_LINE] = re.findall(r"^ACL SETUSER backburner .*$", PAGE, re.MULTILINE)
NAMED = {
    "~backburner:*": "its user may not use the keys backburner:*",
    "~arq:job:*": "its user may not use the keys arq:job:*",
    "+@read": "its user may not run DBSIZE, SCAN, GET, MGET, STRLEN and",
    "+@write": "its user may not run SET,",
    "+@transaction": "its user may not run MULTI",
    "+evalsha": "its user may not run EVALSHA",
    "+script|load": "its user may not run SCRIPT LOAD",
    "+info": "its user may not run INFO",
    "+time": "its user may not run TIME",
    "+wait": "its user may not run WAIT",
    "+waitaof": "its user may not run WAITAOF",
}
"""What is said without each right that the line in docs/operations.md grants."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("trial")) as installation:
        installation.valkey(None, "--proto-max-bulk-len", "2mb")
        yield installation


@pytest.fixture
async def redis(server: Installation) -> AsyncIterator[Redis]:
    """A user with the rights of the line in docs/operations.md."""
    grant(server, ACL_LINE.replace("PASSWORD", "s3cret"))
    url = server.redis_url.replace("//", "//backburner:s3cret@")
    async with Redis.from_pool(connection_pool(url, retries=0, timeout=3)) as client:
        yield client


def grant(server: Installation, line: str) -> None:
    server.store.execute_command("ACL", "DELUSER", "backburner")
    server.store.execute_command(*line.split())


def trial(redis: Redis) -> StoreTrial:
    return StoreTrial(redis, "simulator", Replicas())


def test_the_page_grants_what_this_file_withdraws() -> None:
    granted = {word for word in ACL_LINE.split() if word.startswith(("~", "+"))}
    assert granted == {*NAMED, "+config|get"}


def test_every_command_of_a_script_is_tried() -> None:
    scripts = [*(ROOT / "shared").rglob("*.lua"), *(ROOT / "services").rglob("*.lua")]
    calls = (re.findall(r"redis\.p?call\('(\w+)'", path.read_text()) for path in scripts)
    used = {command for found in calls for command in found}
    assert len(used) > 20
    assert used - {"INFO"} <= {command[0] for command in rights.commands("")}


async def test_the_line_on_the_page_is_enough_and_leaves_no_key(
    server: Installation, redis: Redis
) -> None:
    tried = trial(redis)
    with capture_logs() as logs:
        await tried.require(2**20)
    assert (logs, server.store.dbsize()) == ([], 0)
    assert tried.result.durability is Durability.ALWAYS


@pytest.mark.parametrize("right", NAMED)
async def test_each_missing_right_is_refused_by_its_name(
    server: Installation, redis: Redis, right: str
) -> None:
    grant(server, ACL_LINE.replace("PASSWORD", "s3cret").replace(f" {right}", "", 1))
    with pytest.raises(StoreRefuses) as refused, capture_logs():
        await trial(redis).require(2**20)
    assert refused.value.problems[0].startswith(NAMED[right])
    assert server.store.dbsize() == 0


@pytest.mark.parametrize("pattern", ["backburner:owner:*", "backburner:queue:*"])
async def test_a_pattern_that_is_narrower_than_needed_is_refused_by_its_name(
    server: Installation, redis: Redis, pattern: str
) -> None:
    others = {name for name in rights.patterns("simulator") if not name.startswith(pattern[:-1])}
    line = ACL_LINE.replace("PASSWORD", "s3cret").replace("~backburner:*", "")
    grant(server, f"{line} ~backburner:trial:* {' '.join(f'~{name}' for name in others)}")
    with pytest.raises(StoreRefuses) as refused, capture_logs():
        await trial(redis).require(2**20)
    assert pattern[:-1] in refused.value.problems[0]
    assert "backburner:task" not in refused.value.problems[0]


async def test_without_the_settings_it_works_and_does_not_promise_too_much(
    server: Installation, redis: Redis
) -> None:
    grant(server, ACL_LINE.replace("PASSWORD", "s3cret").replace(" +config|get", ""))
    tried = trial(redis)
    await tried.require(2**20)
    assert tried.result.durability is Durability.UNKNOWN


async def test_a_store_that_takes_no_large_value_is_refused_with_the_settings_to_raise(
    redis: Redis,
) -> None:
    with pytest.raises(StoreRefuses) as refused:
        await trial(redis).require(4 * 2**20)
    assert "does not take a value of 4 MiB" in refused.value.problems[0]
    assert "proto-max-bulk-len" in refused.value.problems[0]


async def test_what_passes_is_logged_when_it_begins_and_ends(
    server: Installation, redis: Redis
) -> None:
    tried = trial(redis)
    with capture_logs() as logs:
        server.store.config_set("min-replicas-to-write", 1)
        for _ in range(2):
            await tried.run()
        await tried.require(2**20)
        server.store.config_set("min-replicas-to-write", 0)
        await tried.run()
    assert [line["event"] for line in logs] == ["store_trial_failed", "store_trial_passed"]
    assert "NOREPLICAS" in logs[0]["reason"]


async def test_a_replica_that_confirms_nothing_is_a_failure(redis: Redis) -> None:
    tried = StoreTrial(redis, "simulator", Replicas(1))
    with capture_logs():
        await tried.run()
    assert tried.result.failure == "0 of 1 replicas confirm a write within 2 s"


async def test_a_full_store_is_not_refused_here_because_its_memory_is_reported(
    server: Installation, redis: Redis
) -> None:
    server.store.config_set("maxmemory", 1)
    try:
        await trial(redis).require(2**20)
    finally:
        server.store.config_set("maxmemory", 0)


async def test_a_cluster_that_hides_it_in_info_is_noticed_by_its_replies(
    installation: Installation,
) -> None:
    installation.valkey(None, "--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    async with Redis.from_url(installation.redis_url) as node:
        with pytest.raises(StoreRefuses) as refused, capture_logs():
            await trial(node).require(2**20)
    assert refused.value.problems == (rights.IS_CLUSTER,)
