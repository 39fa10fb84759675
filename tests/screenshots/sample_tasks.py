"""What the pictures tell of: questions that somebody might ask, and what became of each."""

from dataclasses import dataclass
from pathlib import Path

from shared.domain.states import Status

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

READ = "Why does a violin string sing when it is bowed?"
ANSWER = (Path(__file__).parent / "violin.md").read_text()
SOURCES = {
    "https://museum.example.org/helmholtz-motion": "A string under the microscope",
    "https://strings.example.com/tables/violin": "Tensions and masses of violin strings",
    "https://acoustics.example.net/bridge-hill": "The bridge hill, and why soloists need it",
    "https://trials.example.org/blind": "Old and new violins in the dark",
}

WAITING = "Plan a year of walks along the old salt roads, with trains to and from each."
UNCONFIRMED = "Which of these three leases should our choir sign?"
FAILED = "Reconstruct the lost ending of the fable of the clockmaker."
DRAFT = (
    "You are a patient editor of popular science.",
    "Explain why the sea is salt and lakes are not.",
    "Rivers carry salt to both. A lake passes it on; from the sea only water leaves, upwards.",
    "Then why is the Baltic hardly salt at all? Please give figures, and say how sure they are.",
)


@dataclass(frozen=True)
class Ended:
    """A task that ended ``ago`` milliseconds ago after ``took``, for ``cents``."""

    title: str
    ago: int
    took: int
    cents: int
    status: Status = Status.COMPLETED


RECENT = [
    Ended(READ, 25 * MINUTE, 18 * MINUTE + 12_000, 164),
    Ended("Compare heat pumps and wood stoves for a stone house.", 2 * HOUR, 11 * MINUTE, 121),
    Ended(FAILED, 3 * HOUR, 9 * MINUTE, 0, Status.FAILED),
    Ended("What did bakers know about yeast before Pasteur?", 5 * HOUR, 23 * MINUTE, 207),
    Ended("Find the flaw in this proof that 1 = 2.", 7 * HOUR, 6 * MINUTE, 58),
    Ended("A reading list on the history of lighthouses", 9 * HOUR, 31 * MINUTE, 243),
    Ended("Translate this letter of 1781, and say who wrote it.", 26 * HOUR, 14 * MINUTE, 133),
    Ended(
        "Stop me if I should not rewrite this in Rust.", 28 * HOUR, 4 * MINUTE, 37, Status.CANCELLED
    ),
    Ended(
        "The whole of beekeeping, in order of what kills bees",
        31 * HOUR,
        52 * MINUTE,
        318,
        Status.INCOMPLETE,
    ),
    Ended("Could a village of 400 heat itself from its lake?", 50 * HOUR, 27 * MINUTE, 226),
    Ended("Who was the first person to complain about train delays?", 54 * HOUR, 16 * MINUTE, 148),
    Ended("Check the sums in our grant application.", 57 * HOUR, 8 * MINUTE, 74),
]

OLDER = [
    "How are tide tables made?",
    "Three designs for a bench that sheds rain",
    "What would a fair fence cost, and who pays it?",
    "A lesson on fractions with nothing but bread",
    "Why do some bridges hum?",
]


def history() -> list[Ended]:
    """All that ended, newest first: the recent ones, and a month before them."""
    past = [
        Ended(
            OLDER[(day + number) % len(OLDER)], day * DAY - number * HOUR, (9 + day) * MINUTE, cost
        )
        for day in range(3, 30)
        for number, cost in enumerate([60 + day * 37 % 150] * (day * 7 % 5))
    ]
    return [*RECENT, *past]
