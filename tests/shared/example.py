"""What the specification's example, with its own token counts, costs with the active model."""

from shared.openai.model import ACTIVE

EXAMPLE_COST_USD = (
    float(30_988 * ACTIVE.prices[-1].input + 8_034 * ACTIVE.prices[-1].output) / 1_000_000
)
