"""The task records and what the processes know of each other: read and written here alone."""

from shared.store.deletion import TaskDeletion
from shared.store.epoch import StoreEpoch
from shared.store.epoch_mark import EpochMark, EpochMarkStore
from shared.store.events import Event, Events
from shared.store.identity import IdentityReader, StoreIdentity
from shared.store.insert import InsertResult, TaskInsert, Unkeyed
from shared.store.ledger import Allowance, Entry, Ledger, Today
from shared.store.notifications import ChannelInfo, ChannelProgress, NotificationState
from shared.store.pollers import PollerRegistry
from shared.store.presets import Preset, Presets
from shared.store.reader import Page, Rank, Reader, TaskCounts, TaskWithTexts, TimedTask
from shared.store.stats import Memory, StoreStats
from shared.store.store import Store
from shared.store.submission_gate import PauseState, SubmissionGate
from shared.store.webhook_deliveries import Lease, Turn, WebhookDeliveries
from shared.store.webhook_endpoints import Delivery, WebhookEndpoints
from shared.store.webhook_secrets import WebhookSecrets

__all__ = [
    "Allowance",
    "ChannelInfo",
    "ChannelProgress",
    "Delivery",
    "Entry",
    "EpochMark",
    "EpochMarkStore",
    "Event",
    "Events",
    "IdentityReader",
    "InsertResult",
    "Lease",
    "Ledger",
    "Memory",
    "NotificationState",
    "Page",
    "PauseState",
    "PollerRegistry",
    "Preset",
    "Presets",
    "Rank",
    "Reader",
    "Store",
    "StoreEpoch",
    "StoreIdentity",
    "StoreStats",
    "SubmissionGate",
    "TaskCounts",
    "TaskDeletion",
    "TaskInsert",
    "TaskWithTexts",
    "TimedTask",
    "Today",
    "Turn",
    "Unkeyed",
    "WebhookDeliveries",
    "WebhookEndpoints",
    "WebhookSecrets",
]
