"""The models that the simulator offers, as the real service describes them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SimulatedModel:
    """A model: the name that a request gives, the snapshot that answers, and what it accepts.

    ``modes`` is empty where the model knows no reasoning mode.
    """

    name: str
    snapshot: str
    created: int
    efforts: tuple[str, ...]
    default_effort: str
    modes: tuple[str, ...] = ()


MODELS = (
    SimulatedModel("gpt-5-pro", "gpt-5-pro-2025-10-06", 1759469822, ("high",), "high"),
    SimulatedModel(
        "gpt-6.1-sol",
        "gpt-6.1-sol-2026-09-29",
        1790640000,
        ("low", "medium", "high", "xhigh", "max"),
        "medium",
        ("standard", "pro"),
    ),
)


def find_model(name: str) -> SimulatedModel | None:
    """The model with this name or snapshot."""
    return next((model for model in MODELS if name in (model.name, model.snapshot)), None)
