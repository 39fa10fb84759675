"""The schema TaskOut is the source of a task's wire shape; all others are checked against it."""

import re
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import get_args, get_type_hints

import pytest

from backburner.client import Task as ClientTask
from services.api.schemas.deletion import DeletionReceipt
from services.api.schemas.task import TaskOut, TaskSummary
from shared.domain.states import Status
from shared.domain.tombstone import DeletionOutcome, Tombstone
from shared.presentation.serializers import deletion_receipt, task_detail, task_summary
from tests.shared import tasks

WIRE = TaskOut.model_fields
TYPES = (Path(__file__).parents[1] / "frontend/scripts/types.js").read_text()


def test_the_serializers_write_exactly_the_schemas_fields() -> None:
    task = tasks.snapshot(Status.COMPLETED)
    assert list(task_summary(task)) == list(TaskSummary.model_fields)
    detail = task_detail(task, b"[]", None)
    assert detail.keys() == WIRE.keys()
    TaskOut.model_validate(detail)


def test_the_deletion_receipt_is_as_its_schema_says() -> None:
    tombstone = Tombstone(
        "task_1", "openai", DeletionOutcome.DELETED, 1, 2, 3, 0, cost_unknown=False
    )
    receipt = deletion_receipt(tombstone)
    assert receipt.keys() == DeletionReceipt.model_fields.keys()
    DeletionReceipt.model_validate(receipt)


def test_the_client_knows_every_field_but_the_searches() -> None:
    """``body`` has them, and ``replayed`` is a header."""
    own = {field.name for field in fields(ClientTask)} - {"body", "replayed"}
    assert own == WIRE.keys() - {"searches"}


@pytest.mark.parametrize("name", sorted(TaskSummary.model_fields))
def test_what_may_be_null_may_be_none_in_the_client(name: str) -> None:
    nullable = NoneType in get_args(get_type_hints(TaskSummary)[name])
    assert (NoneType in get_args(get_type_hints(ClientTask)[name])) == nullable


@pytest.mark.parametrize("name", sorted(TaskSummary.model_fields))
def test_the_page_declares_each_field_and_whether_it_may_be_null(name: str) -> None:
    summary = TYPES[TYPES.index("TaskSummary") :].split("@typedef", 1)[0]
    found = re.search(rf"@property \{{(.+)\}} \[?{name}\b", summary)
    assert found, f"types.js does not declare {name}"
    nullable = NoneType in get_args(get_type_hints(TaskSummary)[name])
    assert ("null" in found[1].split("|")) == nullable
