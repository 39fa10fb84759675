"""Words in the prompt choose how a response goes."""

import pytest

from services.simulator.errors import ApiError
from services.simulator.scripts import Script, parse_script, strip_scripts

DEFAULT = Script(queued_seconds=1, run_seconds=6)


def test_a_prompt_without_words_for_the_simulator_goes_as_usual() -> None:
    assert parse_script("What does [simulate] mean?", DEFAULT) == DEFAULT


def test_scripts_combine_and_case_and_spaces_do_not_matter() -> None:
    chosen = parse_script(
        "Hi [Simulate:  Takes 2.5 s ,  null   usage] there [simulate: failed]", DEFAULT
    )
    assert chosen == Script(1, 2.5, ending="failed", reason="server_error", counts_usage=False)


@pytest.mark.parametrize("script", ["fialed", "takes long", "", "huge 9999 MB"])
def test_a_script_nobody_wrote_is_refused_and_the_known_ones_are_named(script: str) -> None:
    with pytest.raises(ApiError, match="never ends, ") as refused:
        parse_script(f"[simulate: {script}]", DEFAULT)
    assert refused.value.status == 400


def test_the_question_is_what_remains_without_the_scripts() -> None:
    assert strip_scripts("Why? [simulate: failed]") == "Why?"
