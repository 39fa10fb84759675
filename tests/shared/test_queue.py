"""Jobs are JSON that arq reads, under ids that are never used twice."""

import pickle

import pytest
from arq.jobs import DeserializationError, deserialize_job_raw

from shared import queue


def test_arq_reads_back_what_is_written() -> None:
    job = queue.poll_job("task_1", 2, 3, 61_000)
    function, args, kwargs, *_ = deserialize_job_raw(job.payload, deserializer=queue.load)
    assert (function, list(args), kwargs) == ("poll", ["task_1", 2, 3], {})
    assert job.key == "arq:job:poll:task_1:2:3"


PICKLE = pickle.dumps({"t": 1, "f": "poll", "a": (), "k": {}, "et": 0})


@pytest.mark.parametrize("payload", [PICKLE, b"", b"[]", b"1", b"\xff"])
def test_a_pickle_or_anything_else_but_an_object_is_refused(payload: bytes) -> None:
    with pytest.raises(DeserializationError):
        deserialize_job_raw(payload, deserializer=queue.load)


def test_attempts_polls_and_chains_have_ids_of_their_own() -> None:
    jobs = [queue.submit_job("t", generation, 0) for generation in range(3)]
    jobs += [queue.poll_job("t", generation, n, 0) for generation in range(3) for n in range(3)]
    assert len({job.id for job in jobs}) == len(jobs)


def test_each_provider_has_a_queue_of_its_own() -> None:
    assert queue.queue_name("openai") != queue.queue_name("simulator")
