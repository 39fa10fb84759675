"""The task records and what the processes know of each other: read and written here alone."""

from shared.store.acceptance import Acceptance, Accepted
from shared.store.events import Event, Events
from shared.store.fleet import Fleet
from shared.store.gate import Closed, Gate
from shared.store.high_water import HighWater, Mark
from shared.store.history import History
from shared.store.ledger import Allowance, Entry, Ledger, Today
from shared.store.origin import Identity, Origin
from shared.store.reader import Census, Loaded, Page, Reader, Whole
from shared.store.removal import Removal
from shared.store.store import Store
from shared.store.vitals import Memory, Vitals

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
