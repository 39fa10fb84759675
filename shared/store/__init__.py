"""The task records and what the processes know of each other: read and written here alone."""

from shared.store.acceptance import Acceptance, Accepted
from shared.store.events import Event, Events
from shared.store.fleet import Fleet
from shared.store.gate import Closed, Gate
from shared.store.high_water import HighWater, Mark
from shared.store.history import History
from shared.store.reader import Census, Loaded, Page, Reader
from shared.store.store import Store

__all__ = [
    "Acceptance",
    "Accepted",
    "Census",
    "Closed",
    "Event",
    "Events",
    "Fleet",
    "Gate",
    "HighWater",
    "History",
    "Loaded",
    "Mark",
    "Page",
    "Reader",
    "Store",
]
