"""The task records and what the processes know of each other: read and written here alone."""

from shared.store.acceptance import Acceptance, Accepted
from shared.store.fleet import Fleet
from shared.store.gate import Closed, Gate
from shared.store.store import Loaded, Page, Store

__all__ = ["Acceptance", "Accepted", "Closed", "Fleet", "Gate", "Loaded", "Page", "Store"]
