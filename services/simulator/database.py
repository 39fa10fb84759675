"""The simulator's SQLite database. It survives kill -9: a reply is only sent after its write."""

import sqlite3
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at REAL NOT NULL,
    response_id TEXT UNIQUE,
    status TEXT NOT NULL,
    fault TEXT,
    headers BLOB NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS responses (
    id TEXT PRIMARY KEY REFERENCES requests (response_id) ON DELETE CASCADE,
    created_at REAL NOT NULL,
    request BLOB NOT NULL,
    prompt TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    outcome BLOB NOT NULL,
    cancelled_at REAL,
    deleted_at REAL,
    retrieves INTEGER NOT NULL DEFAULT 0,
    cancels INTEGER NOT NULL DEFAULT 0,
    events_done INTEGER NOT NULL DEFAULT 0,
    event_attempts INTEGER NOT NULL DEFAULT 0,
    event_due REAL
);
CREATE INDEX IF NOT EXISTS responses_by_event_due ON responses (event_due)
    WHERE event_due IS NOT NULL;
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL,
    times INTEGER,
    fired INTEGER NOT NULL DEFAULT 0,
    switch TEXT NOT NULL
);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open or create the database. In WAL mode, a killed process loses no finished write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=5)
    database.row_factory = sqlite3.Row
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("PRAGMA foreign_keys=ON")
    database.executescript(_SCHEMA)
    return database
