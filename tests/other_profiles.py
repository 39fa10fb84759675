"""Runs the main job's tests in copies of the code in which each other profile is active."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from shared.openai import model
from tests.harness import ROOT

TESTS = ("tests/integration/test_end_to_end.py", "tests/shared/openai")
IGNORED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "data", ".*_cache", "__pycache__", "images"
)


def main() -> int:
    """0 if the tests pass under every profile; the others' own run covers the active one."""
    names = {name: value for name, value in vars(model).items() if value in model.PROFILES}
    others = [name for name in names if name != "ACTIVE" and names[name] is not model.ACTIVE]
    return max(map(_run, others), default=0)


def _run(name: str) -> int:
    sys.stdout.write(f"The main job with ACTIVE = {name}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(shutil.copytree(ROOT, Path(folder) / "copy", ignore=IGNORED))
        activate(copy, name)
        argv = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", "not slow and not thorough"]
        env = os.environ | {"PYTHONPATH": f"{copy}:{copy / 'clients'}"}
        return subprocess.run([*argv, *TESTS], cwd=copy, env=env, check=False).returncode  # noqa: S603 -- our own tests


def activate(root: Path, name: str) -> None:
    """Change the one line in a copy of the code."""
    path = root / "shared/openai/model.py"
    before, line, after = path.read_text().partition("\nACTIVE = ")
    assert line, f"{path} has no line ACTIVE ="
    path.write_text(f"{before}{line}{name}\n{after.partition(chr(10))[2]}")


if __name__ == "__main__":
    sys.exit(main())
