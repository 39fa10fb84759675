"""The client can be installed alone, with its command and its types."""

import os
import shutil
import subprocess
import sys
from email.parser import Parser
from pathlib import Path

import pytest

from tests.clients.stub import Stub
from tests.clients.terminal import ROOT, environment

pytestmark = pytest.mark.integration

UV = str(Path(sys.executable).with_name("uv"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed wheel, built without a network."""
    folder = tmp_path_factory.mktemp("package")
    _do(UV, "build", "--offline", "--wheel", str(ROOT / "clients"), "--out-dir", str(folder))
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    install = ("pip", "install", "--offline", "--no-deps", "--python", sys.executable)
    _do(UV, *install, "--target", str(site), str(wheel))
    return site


def _do(*command: str, **env: str) -> str:
    done = subprocess.run(  # noqa: S603 -- our own package
        command,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_command_works_without_the_checkout(installed: Path, stub: Stub) -> None:
    stub.says({"data": [], "next_cursor": None})
    done = subprocess.run(  # noqa: S603 -- our own package
        [sys.executable, installed / "bin" / "backburner", "list", "--json"],
        env=environment(stub.url, PYTHONPATH=str(installed)),
        cwd=installed,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split()[:2]) == (0, [b"{", b'"data":'])


def test_it_says_what_it_needs_and_brings_its_types(installed: Path) -> None:
    (metadata,) = installed.glob("*.dist-info/METADATA")
    said = Parser().parsestr(metadata.read_text())
    assert (said["Name"], said["License-Expression"]) == ("backburner-client", "MIT")
    requires = said.get_all("Requires-Dist") or ()
    needs = {line.partition(">")[0] for line in requires if "extra ==" not in line}
    assert needs == {"httpx", "rich", "typer"}
    assert said.get_all("Provides-Extra") == ["mcp"]
    assert (installed / "backburner" / "py.typed").exists()


def test_what_it_needs_is_installed_by_make_run_too() -> None:
    lines = (ROOT / "requirements.in").read_text().splitlines()
    assert {"httpx", "rich", "typer"} <= {line.split()[0].partition(">")[0] for line in lines}


def test_in_a_checkout_where_nothing_is_installed_it_says_what_to_do(tmp_path: Path) -> None:
    shutil.copy(ROOT / "backburner", tmp_path)
    done = subprocess.run(  # noqa: S603 -- our own command
        [tmp_path / "backburner", "list"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3
    assert "setup" in done.stderr
