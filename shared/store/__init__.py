"""The task records and what the processes know of each other: read and written here alone."""

from shared.store.deletion import Removal
from shared.store.epoch import History
from shared.store.epoch_mark import HighWater, Mark
from shared.store.events import Event, Events
from shared.store.identity import Identity, Origin
from shared.store.insert import Acceptance, Accepted
from shared.store.ledger import Allowance, Entry, Ledger, Today
from shared.store.pollers import Fleet
from shared.store.reader import Census, Loaded, Page, Reader, Whole
from shared.store.stats import Memory, Vitals
from shared.store.store import Store
from shared.store.submission_gate import Closed, Gate

__all__ = [
    "Acceptance",
    "Accepted",
    "Allowance",
    "Census",
    "Closed",
    "Entry",
    "Event",
    "Events",
    "Fleet",
    "Gate",
    "HighWater",
    "History",
    "Identity",
    "Ledger",
    "Loaded",
    "Mark",
    "Memory",
    "Origin",
    "Page",
    "Reader",
    "Removal",
    "Store",
    "Today",
    "Vitals",
    "Whole",
]
