"""What docs/managed-stores.md says of stores that Backburner does not run itself."""

import pytest

from tests.certificate import make_certificate
from tests.harness import Installation, free_port, http
from tests.lossy_proxy import LossyProxy

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


def test_a_managed_store_with_tls_everysec_and_no_config_runs_and_says_what_it_promises(
    installation: Installation,
) -> None:
    installation.valkey(None, "--appendfsync", "everysec")
    store = installation.store
    store.execute_command("ACL", "SETUSER", "managed", "on", ">s3cret", "~*", "+@all", "-config")
    tls = make_certificate(installation.folder)
    installation.simulator()
    with LossyProxy(installation.redis_port, tls) as proxy:
        trusted = f"?ssl_ca_certs={installation.folder}/cert.pem"
        for user, promise in (("", "may lose the last second"), ("managed:s3cret@", "not show")):
            installation.redis_url = f"rediss://{user}localhost:{proxy.port}/0{trusted}"
            poller, api = installation.poller(), installation.api()
            task = installation.submit("Who manages the managers?")["id"]
            assert installation.ended(task)["status"] == "completed"
            told = http.get(f"{installation.api_url}/readyz").json()
            assert (told["status"], told["issues"]) == ("ready", [])
            assert promise in told["durability"]
            assert "appendfsync" not in api.output + poller.output
            assert (api.stop(), poller.stop()) == (0, 0)


@pytest.mark.parametrize("name", ["api", "poller"])
def test_a_cluster_is_refused_with_the_reason(installation: Installation, name: str) -> None:
    installation.valkey(None, "--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    process = getattr(installation, name)(ready=False, OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert process.popen.wait(30) == 1
    assert "is unsafe: it is a cluster, which keeps the keys of a task" in process.output
    assert "docs/managed-stores.md" in process.output
