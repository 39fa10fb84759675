"""Prometheus accepts the given files, finds API and poller with them, and evaluates every rule."""

import os
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from services.api.auth.token import digest
from tests.harness import ROOT, Installation, eventually, free_port, http

PROMETHEUS = shutil.which("prometheus", path=f"{os.environ['PATH']}:/usr/sbin")
OPS = ROOT / "ops"

pytestmark = [
    pytest.mark.integration,
    pytest.mark.thorough,
    pytest.mark.skipif(
        PROMETHEUS is None,
        reason="LEFT OUT: this needs Prometheus (Debian: apt-get install prometheus)",
    ),
]


@pytest.mark.parametrize(
    ("name", "token"),
    [("prometheus.yml", ""), ("compose/prometheus.yml", ""), ("compose/prometheus.yml", "bb_ops")],
)
def test_it_scrapes_both_services_and_every_rule_is_healthy(
    name: str, token: str, installation: Installation, tmp_path: Path
) -> None:
    """The file of Compose also with the token of an admin."""
    assert PROMETHEUS
    installation.valkey()
    installation.simulator()
    metrics = free_port()
    installation.poller(BACKBURNER_METRICS_PORT=str(metrics))
    tokens = tmp_path / "tokens.toml"
    tokens.write_text(f'[tokens.ops]\nadmin = true\nsha256 = "{digest(token.encode())}"\n')
    installation.api(**{"BACKBURNER_TOKENS_FILE": str(tokens)} if token else {})
    config = yaml.safe_load((OPS / name).read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    for job in config["scrape_configs"]:
        address = installation.api_url.removeprefix("http://")
        target = address if job["job_name"] == "backburner-api" else f"127.0.0.1:{metrics}"
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [target]}]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    (tmp_path / "alerts.yml").write_text((OPS / "alerts.yml").read_text())
    (tmp_path / "token").write_text(token)  # empty as /dev/null, where no tokens are used
    url = f"http://127.0.0.1:{free_port()}"
    argv = [
        PROMETHEUS,
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'tsdb'}",
        f"--web.listen-address={url.removeprefix('http://')}",
    ]
    process = installation.start("prometheus", argv, {})

    def read(path: str) -> Any:
        assert process.popen.poll() is None, process.output
        try:
            return http.get(f"{url}/api/v1/{path}").json()["data"]
        except (httpx.HTTPError, ValueError):
            return None

    def up() -> bool:
        targets = (read("targets") or {}).get("activeTargets", [])
        return [target["health"] for target in targets] == ["up", "up"]

    def evaluated() -> bool:
        groups = (read("rules") or {}).get("groups", [])
        rules = [rule for group in groups for rule in group["rules"]]
        return bool(rules) and all(rule["health"] == "ok" for rule in rules)

    eventually(up, "both are scraped")
    eventually(evaluated, "every rule is evaluated")
