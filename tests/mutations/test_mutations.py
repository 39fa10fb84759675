"""Each guard still stands where it is to be taken out: code moves between two runs of them all."""

import pytest

from tests.harness import ROOT
from tests.mutations.mutations import ALL, Break


@pytest.mark.parametrize("each", ALL, ids=lambda each: f"row {each.row}: {each.says}")
def test_the_guard_stands_there_once_and_its_test_exists(each: Break) -> None:
    assert (ROOT / each.file).read_text().count(each.guard) == 1
    assert each.guard != each.without
    tests = (ROOT / "tests" / each.tests).read_text()
    assert all(word in tests for word in each.test.split(" and "))
