"""Each mutation can still be made: code moves between two runs of them all."""

import pytest

from tests.harness import ROOT
from tests.mutations.mutations import ALL, Mutation


@pytest.mark.parametrize("mutation", ALL, ids=lambda each: f"row {each.row}: {each.claim}")
def test_the_original_occurs_once_and_its_test_exists(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text().count(mutation.original) == 1
    assert mutation.original != mutation.mutated
    tests = (ROOT / "tests" / mutation.tests).read_text()
    assert all(word in tests for word in mutation.selector.split(" and "))
