"""`make setup` repairs a .venv that no longer works, and says what it cannot work with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
LIBRARY = f"python{sys.version_info.major}.{sys.version_info.minor}"


def make(folder: Path, *words: str, **environ: str) -> tuple[int, str]:
    """Run make in the folder; its exit code and what it printed."""
    ended = subprocess.run(  # noqa: S603 -- our own Makefile
        ("make", f"PYTHON={sys.executable}", *words),  # noqa: S607 -- the one in PATH
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)} | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def project(folder: Path) -> Path:
    """A project without dependencies, so that nothing is downloaded."""
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.lock").touch()
    return folder


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A project whose .venv looks complete."""
    library = project(tmp_path) / ".venv" / "lib" / LIBRARY / "site-packages"
    library.mkdir(parents=True)
    (tmp_path / ".venv" / "bin").mkdir()
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / "run.stamp").touch()
    return tmp_path


def test_a_working_venv_is_left_alone_even_with_pythonhome(installed: Path) -> None:
    for environ in ({}, {"PYTHONHOME": "/nowhere"}):
        assert "Nothing to be done" in make(installed, "setup", **environ)[1]


@pytest.mark.parametrize("broken", ["dangling", "another version"])
def test_a_broken_venv_is_made_again_with_its_packages(installed: Path, broken: str) -> None:
    venv = installed / ".venv"
    if broken == "dangling":
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").symlink_to("/nowhere/python")
    else:
        (venv / "lib" / LIBRARY).rename(venv / "lib" / "python3.10")
    code, printed = make(installed, "--dry-run", "setup")
    assert code == 0
    assert "-m venv .venv" in printed
    assert "pip install" in printed


def test_a_directory_that_is_not_utf_8_is_named_in_one_sentence(tmp_path: Path) -> None:
    folder = project(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    code, printed = make(folder, "setup")
    assert code != 0
    [sentence, made] = printed.splitlines()
    assert sentence == "The path of this directory is not valid UTF-8: rename it."
    assert made.startswith("make: ***")


@pytest.mark.thorough
def test_setup_makes_a_venv_that_works_with_pythonhome_and_repairs_it(tmp_path: Path) -> None:
    folder = project(tmp_path)
    (folder / "dev").mkdir()
    (folder / "dev" / "__main__.py").write_text("import sys; print(sys.prefix, sys.flags)")
    for _ in range(2):
        code, printed = make(folder, "run", PYTHONHOME="/nowhere")
        assert code == 0, printed
        assert f"{folder}/.venv" in printed
        python = folder / ".venv" / "bin" / "python"
        python.unlink()
        python.symlink_to("/nowhere/python")
