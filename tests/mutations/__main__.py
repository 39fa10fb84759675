"""Takes out one guard after another, in a copy, and expects its test to notice."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.harness import ROOT
from tests.mutations.mutations import ALL, Break

SIDE_BY_SIDE = 3
PATIENCE = 300
"""Seconds; a test that hangs for want of a guard has noticed too."""

LEFT = shutil.ignore_patterns(".git", ".venv", "node_modules", "data", ".*_cache", "__pycache__")
FAILED = 1
"""What pytest says of tests that ran and failed; more means that none ran."""


def main() -> int:
    """0 if every test noticed; names of rows on the command line are enough for fewer."""
    rows = {int(row) for row in sys.argv[1:]} or {each.row for each in ALL}
    chosen = [each for each in ALL if each.row in rows]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as workers:
        noticed = [*workers.map(_noticed, chosen)]
    for each, yes in zip(chosen, noticed, strict=True):
        sys.stdout.write(f"{'noticed' if yes else 'MISSED '}  row {each.row:2}: {each.says}\n")
    return 0 if all(noticed) else 1


def _noticed(each: Break) -> bool:
    with _copy() as place:
        path = place / each.file
        source = path.read_text()
        assert source.count(each.guard) == 1, f"{each.file} has no single {each.guard!r} any more"
        path.write_text(source.replace(each.guard, each.without))
        argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        argv += [f"tests/{each.tests}", "-k", each.test]
        env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{place}:{place / 'clients'}"}
        try:
            done = subprocess.run(  # noqa: S603 -- our own tests
                argv, cwd=place, env=env, timeout=PATIENCE, capture_output=True, check=False
            )
        except subprocess.TimeoutExpired:
            return True
    return done.returncode == FAILED


@contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(shutil.copytree(ROOT, Path(folder) / "copy", ignore=LEFT))


if __name__ == "__main__":
    sys.exit(main())
