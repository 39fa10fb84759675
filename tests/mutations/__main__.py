"""Makes one mutation after another in a copy of the code, and expects its test to fail."""

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.harness import ROOT
from tests.mutations.mutations import ALL, Mutation

MAX_PARALLEL = 3
TIMEOUT_S = 300
"""A test that hangs because of the mutation has noticed it, too."""

IGNORED = shutil.ignore_patterns(".git", ".venv", "node_modules", "data", ".*_cache", "__pycache__")
TESTS_FAILED = 1
"""pytest's exit code; a higher one means that no test ran."""


def main() -> int:
    """0 if every mutation was noticed; rows on the command line select some."""
    rows = {int(row) for row in sys.argv[1:]} or {mutation.row for mutation in ALL}
    chosen = [mutation for mutation in ALL if mutation.row in rows]
    with ThreadPoolExecutor(MAX_PARALLEL) as workers:
        noticed = [*workers.map(_is_noticed, chosen)]
    for mutation, yes in zip(chosen, noticed, strict=True):
        verdict = "noticed" if yes else "MISSED "
        sys.stdout.write(f"{verdict}  row {mutation.row:2}: {mutation.claim}\n")
    return 0 if all(noticed) else 1


def _is_noticed(mutation: Mutation) -> bool:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(shutil.copytree(ROOT, Path(folder) / "copy", ignore=IGNORED))
        path = copy / mutation.file
        source = path.read_text()
        assert source.count(mutation.original) == 1, f"{path}: no single {mutation.original!r}"
        path.write_text(source.replace(mutation.original, mutation.mutated))
        argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        argv += [f"tests/{mutation.tests}", "-k", mutation.selector]
        env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{copy}:{copy / 'clients'}"}
        try:
            done = subprocess.run(  # noqa: S603 -- our own tests
                argv, cwd=copy, env=env, timeout=TIMEOUT_S, capture_output=True, check=False
            )
        except subprocess.TimeoutExpired:
            return True
    return done.returncode == TESTS_FAILED


if __name__ == "__main__":
    sys.exit(main())
