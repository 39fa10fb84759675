"""The specification's example: one prompt with its exact answer and usage."""

from services.simulator.answer_generator import Answer

PROMPT = "Write a short offshoot to the lina trilogy."
ANSWER = Answer(
    text=(
        "Offshoot: Witness Night\n\n"
        "The first time Mara held the Shard box, it smelled like dust and aspirin.\n\n"
        "It was a lunch\u2011cooler\u2011sized case with a rubber gasket "
        "and a red toggle under a transparent cap."
    ),
)
USAGE = {
    "input_tokens": 30988,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 8034,
    "output_tokens_details": {"reasoning_tokens": 2560},
    "total_tokens": 39022,
}
