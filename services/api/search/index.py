"""The search index: an FTS5 table whose row ids are the tasks' sequence numbers."""

import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import orjson

from services.api.search import sqlite_cache
from services.api.search.documents import Document, IndexedVersion
from shared.store import StoreIdentity

# The FTS5 table is contentless: to delete a row it needs the row's text again, which `documents`
# keeps. Status and owner are indexed as words, so FTS5 itself intersects them.
_SCHEMA = """
CREATE TABLE meta (store TEXT NOT NULL, run TEXT NOT NULL, unmerged INTEGER NOT NULL);
INSERT INTO meta VALUES ('', '', 0);
CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, number INTEGER NOT NULL, stamp TEXT NOT NULL
);
CREATE INDEX tasks_by_number ON tasks (number);
CREATE TABLE documents (seq INTEGER PRIMARY KEY, columns BLOB NOT NULL);
CREATE TABLE heads (seq INTEGER PRIMARY KEY, texts BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (
    title, prompt, answer, status, owner,
    content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
)
"""
_INDEX = """
INSERT INTO words (rowid, title, prompt, answer, status, owner) VALUES (?, ?, ?, ?, ?, ?)
"""
_ROWS = "SELECT seq, columns, id FROM tasks JOIN documents USING (seq) WHERE "
_OF_SEQ = "seq IN (SELECT value FROM json_each(?))"
_OF_ID = "id IN (SELECT value FROM json_each(?))"
_FIND = """
SELECT tasks.seq, tasks.id FROM words CROSS JOIN tasks ON tasks.seq = words.rowid
WHERE words MATCH ? AND words.rowid < ? AND words.rowid >= ? ORDER BY words.rowid DESC LIMIT ?
"""
_COUNT = """
SELECT count(*) FROM (
    SELECT 1 FROM words WHERE words MATCH ? AND words.rowid < ? AND words.rowid >= ? LIMIT ?
)
"""
_HEADS = """
SELECT id, texts FROM tasks JOIN heads USING (seq) WHERE id IN (SELECT value FROM json_each(?))
"""
MAX_QUERY_S = 2.0
"""Seconds after which a query is interrupted."""

_NEWEST = 2**62
_STEP = 500  # pages of 4 KiB merged by one call of tidy
_MERGE_CHANGES = 2  # FTS5 reports fewer changes than this when nothing is left to merge

_Row = tuple[int, bytes, str]
"""Sequence number, compressed columns, task id."""


class QueryTooSlow(Exception):
    """A query did not end in its time and was interrupted."""


def find(
    path: Path,
    expression: str,
    below: int | None,
    limit: int,
    lowest: int = 0,
    *,
    timeout_s: float = MAX_QUERY_S,
) -> Sequence[tuple[int, str]]:
    """Return sequence numbers and ids, newest first. Raises QueryTooSlow, sqlite3.Error."""
    top = _NEWEST if below is None else below
    return _read(path, _FIND, (expression, top, lowest, limit), timeout_s)


def count(path: Path, expression: str, below: int | None, limit: int, lowest: int = 0) -> int:
    """Return how many tasks ``find`` would return. Raises as it does."""
    top = _NEWEST if below is None else below
    ((number,),) = _read(path, _COUNT, (expression, top, lowest, limit))
    return int(number)


def heads(path: Path, ids: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return the beginnings of prompt and answer by task id. Raises as ``find`` does."""
    found = _read(path, _HEADS, (orjson.dumps(ids).decode(),))
    return {task_id: tuple(orjson.loads(zlib.decompress(texts))) for task_id, texts in found}


def _read(
    path: Path, query: str, values: tuple[object, ...], timeout_s: float = MAX_QUERY_S
) -> list[Any]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        timer = Timer(timeout_s, database.interrupt)
        timer.start()
        try:
            return database.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise QueryTooSlow from None
            raise
        finally:
            timer.cancel()
            timer.join()  # an interrupt must not reach a closed connection


class Index:
    """One file, written by one thread. Every method may raise sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version = sqlite_cache.source_version(Path(__file__).parent, sqlite3.sqlite_version)
        self._database = sqlite_cache.connect(path, _SCHEMA, self._version)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def clear(self) -> None:
        """Replace the file by an empty one."""
        self._database.close()
        sqlite_cache.discard(self._path)
        self._database = sqlite_cache.connect(self._path, _SCHEMA, self._version)

    def identity(self) -> StoreIdentity:
        """Return the store for which the index was complete; empty names if there was none."""
        return StoreIdentity(*self._database.execute("SELECT store, run FROM meta").fetchone())

    def complete(self, identity: StoreIdentity) -> None:
        """Record that the index is complete for this store."""
        values = (identity.store, identity.run)
        self._database.execute("UPDATE meta SET store = ?, run = ?", values)

    def shown(self, after: int, upto: int | None) -> Mapping[str, IndexedVersion]:
        """Return the tasks indexed with a number above ``after``, up to ``upto``."""
        rows = self._database.execute(
            "SELECT id, number, stamp FROM tasks WHERE number > ? AND number <= ?",
            (after, _NEWEST if upto is None else upto),
        )
        return {task_id: IndexedVersion(number, stamp) for task_id, number, stamp in rows}

    def write(self, documents: Iterable[Document]) -> None:
        """Add or replace tasks.

        Statements cover many rows: each one releases the GIL, and must wait for it again while
        requests are being answered.
        """
        new = {document.id: document for document in documents}
        rows = [(each.seq, _packed(each.columns), each.id) for each in new.values()]
        with sqlite_cache.transaction(self._database):
            there = set(self._rows(_OF_SEQ, [row[0] for row in rows]))
            there.update(self._rows(_OF_ID, [*new]))
            self._forget([row for row in there if row[2] not in new])
            self._remove([row for row in there.difference(rows) if row[2] in new])
            fresh = [row for row in rows if row not in there]
            insert = self._database.executemany
            insert("INSERT INTO documents VALUES (?, ?)", [row[:2] for row in fresh])
            insert(
                "INSERT INTO heads VALUES (?, ?)",
                [(seq, _packed(new[task_id].heads)) for seq, _, task_id in fresh],
            )
            insert(_INDEX, [(seq, *new[task_id].columns) for seq, _, task_id in fresh])
            insert(
                "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?)",
                [(each.seq, each.id, each.shown.number, each.shown.stamp) for each in new.values()],
            )

    def forget(self, ids: Iterable[str]) -> None:
        """Remove tasks; their words stay in the file until ``tidy`` has finished."""
        with sqlite_cache.transaction(self._database):
            self._forget(self._rows(_OF_ID, [*ids]))

    def tidy(self) -> None:
        """Do one step of removing the words of removed tasks from the file."""
        (unmerged,) = self._database.execute("SELECT unmerged FROM meta").fetchone()
        if not unmerged:
            return
        before = self._database.total_changes
        # A negative number starts merging everything into one segment; positive ones continue.
        step = (-_STEP if unmerged == 1 else _STEP,)
        self._database.execute("INSERT INTO words (words, rank) VALUES ('merge', ?)", step)
        going_on = unmerged == 1 or self._database.total_changes - before >= _MERGE_CHANGES
        self._database.execute("UPDATE meta SET unmerged = ?", (2 if going_on else 0,))
        if not going_on:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rows(self, which: str, values: Sequence[int | str]) -> list[_Row]:
        found = self._database.execute(_ROWS + which, [orjson.dumps(values).decode()])
        return found.fetchall()

    def _forget(self, rows: Sequence[_Row]) -> None:
        if rows:
            self._remove(rows)
            self._database.execute("UPDATE meta SET unmerged = 1")

    def _remove(self, rows: Sequence[_Row]) -> None:
        for seq, columns, _ in rows:
            self._database.execute(
                "INSERT INTO words (words, rowid, title, prompt, answer, status, owner)"
                " VALUES ('delete', ?, ?, ?, ?, ?, ?)",
                (seq, *orjson.loads(zlib.decompress(columns))),
            )
            for table in ("documents", "heads", "tasks"):
                self._database.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))  # noqa: S608 -- our own names


def _packed(columns: Sequence[str]) -> bytes:
    return zlib.compress(orjson.dumps(columns), 1)
