"""The index itself: an FTS5 table, its rows numbered as the tasks are, and what it shows."""

import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import orjson

from services.api.search import sqlite_cache
from services.api.search.documents import Document, Shown
from shared.store import StoreIdentity

# FTS5 keeps no texts here, and to forget a row it must be told again what it was given: hence the
# documents. Status and owner are words like others, so FTS5 itself intersects them.
_SCHEMA = """
CREATE TABLE meta (store TEXT NOT NULL, run TEXT NOT NULL, unmerged INTEGER NOT NULL);
INSERT INTO meta VALUES ('', '', 0);
CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, number INTEGER NOT NULL, stamp TEXT NOT NULL
);
CREATE INDEX tasks_by_number ON tasks (number);
CREATE TABLE documents (seq INTEGER PRIMARY KEY, columns BLOB NOT NULL);
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
_NEWEST = 2**62
_STEP = 500  # pages of 4 KiB that one tidying merges
_SILENT = 2  # rows that FTS5 changes even where there is nothing to merge, and less

_Row = tuple[int, bytes, str]
"""A sequence number, what is indexed under it, and the id of the task."""


def find(
    path: Path, expression: str, below: int | None, limit: int, lowest: int = 0
) -> Sequence[tuple[int, str]]:
    """Sequence numbers and ids, newest first, while another thread writes. Raises sqlite3.Error."""
    top = _NEWEST if below is None else below
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        found = database.execute(_FIND, (expression, top, lowest, limit))
        return found.fetchall()


class Index:
    """One file, written by one thread. Everything may raise sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version = sqlite_cache.fingerprint(Path(__file__).parent, sqlite3.sqlite_version)
        self._database = sqlite_cache.connect(path, _SCHEMA, self._version)

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def clear(self) -> None:
        """Throw the file away and begin with an empty one."""
        self._database.close()
        sqlite_cache.discard(self._path)
        self._database = sqlite_cache.connect(self._path, _SCHEMA, self._version)

    def identity(self) -> StoreIdentity:
        """The store of which it once showed everything; both names are empty if there is none."""
        return StoreIdentity(*self._database.execute("SELECT store, run FROM meta").fetchone())

    def complete(self, identity: StoreIdentity) -> None:
        """Note that it shows everything that is in this store."""
        values = (identity.store, identity.run)
        self._database.execute("UPDATE meta SET store = ?, run = ?", values)

    def latest(self) -> int:
        """The highest number of a change that it shows; 0 for none."""
        (number,) = self._database.execute("SELECT MAX(number) FROM tasks").fetchone()
        return number or 0

    def shown(self, after: int, upto: int | None) -> Mapping[str, Shown]:
        """The tasks whose last change in the index has one of these numbers."""
        rows = self._database.execute(
            "SELECT id, number, stamp FROM tasks WHERE number > ? AND number <= ?",
            (after, _NEWEST if upto is None else upto),
        )
        return {task_id: Shown(number, stamp) for task_id, number, stamp in rows}

    def write(self, documents: Iterable[Document]) -> None:
        """Add tasks, or replace them.

        A statement is for all of them, not for one: each lets the interpreter's lock go, and waits
        for it where requests are being answered.
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
            insert(_INDEX, [(seq, *new[task_id].columns) for seq, _, task_id in fresh])
            insert(
                "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?)",
                [(each.seq, each.id, each.shown.number, each.shown.stamp) for each in new.values()],
            )

    def forget(self, ids: Iterable[str]) -> None:
        """Remove tasks; their words are in the file until ``tidy`` has come to its end."""
        with sqlite_cache.transaction(self._database):
            self._forget(self._rows(_OF_ID, [*ids]))

    def tidy(self) -> None:
        """A step towards a file in which no word of a forgotten task is left."""
        (unmerged,) = self._database.execute("SELECT unmerged FROM meta").fetchone()
        if not unmerged:
            return
        before = self._database.total_changes
        # A negative number has all there is merged into one, and positive ones go on with it.
        step = (-_STEP if unmerged == 1 else _STEP,)
        self._database.execute("INSERT INTO words (words, rank) VALUES ('merge', ?)", step)
        going_on = unmerged == 1 or self._database.total_changes - before >= _SILENT
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
            self._database.execute("DELETE FROM documents WHERE seq = ?", (seq,))
            self._database.execute("DELETE FROM tasks WHERE seq = ?", (seq,))


def _packed(columns: Sequence[str]) -> bytes:
    return zlib.compress(orjson.dumps(columns), 1)
