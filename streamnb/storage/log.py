"""The log: what every stream was asked and answered, in one SQLite file that can be searched.

It lies in the person's own data folder, readable for them alone, and is kept only where they want it.
An entry is written when its answer has ended, by a thread of its own, so that a locked, full or broken
file never holds up an answer: it is one notice, and the log stops.  Several kernels share the file.  No
key gets in: known ones are starred, what looks like one is masked; of attachments it holds name and size.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from ..core.errors import UsageError
from ..core.text import sanitize_line

__all__ = ["LogEntry", "LogWriter", "delete_entries", "get_entry", "log_path", "search_entries"]

FORMAT_VERSION = 1
"""The version of the file's format, which is SQLite's ``user_version``."""
APPLICATION_ID = 0x736E626C  # "snbl": tells the log from any other SQLite file
BUSY_TIMEOUT_S = 5.0  # for another kernel that writes; nobody waits for it but our thread
CLOSE_TIMEOUT_S = 2.0  # at the end of a process, for what is not written yet

_CREATE_TABLE = """
CREATE TABLE streams (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL, model TEXT, system TEXT, prompt TEXT, answer TEXT,
    state TEXT, error TEXT, origin TEXT, input_tokens INTEGER, output_tokens INTEGER, cost REAL,
    first_token REAL, duration REAL, attachments TEXT
);
CREATE VIRTUAL TABLE terms USING fts5(prompt, answer, model, content='streams', content_rowid='id');
CREATE TRIGGER added AFTER INSERT ON streams BEGIN
    INSERT INTO terms(rowid, prompt, answer, model) VALUES (new.id, new.prompt, new.answer, new.model);
END;
CREATE TRIGGER deleted AFTER DELETE ON streams BEGIN
    INSERT INTO terms(terms, rowid, prompt, answer, model)
        VALUES ('delete', old.id, old.prompt, old.answer, old.model);
END;
"""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One stream of the log.

    Attributes
    ----------
    at
        When it ended, in seconds since 1970.
    model, state
        The model as it was typed, and how the answer ended.
    system, error, origin
        As in the request and the reply; ``None`` where there is none.
    prompt, answer
        Their texts: without what was attached, and as far as it came.
    input_tokens, output_tokens
        ``None`` where the provider reported none.
    cost
        US dollars, ``None`` if unknown.
    first_token, duration
        Seconds; the first is ``None`` where no token came.
    attachments
        Name and size of each, as words.
    id
        Its number in the file, ``None`` before it is written.
    """

    at: float
    model: str
    system: str | None
    prompt: str
    answer: str
    state: str
    error: str | None = None
    origin: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    first_token: float | None = None
    duration: float | None = None
    attachments: tuple[str, ...] = ()
    id: int | None = None


_COLUMNS = tuple(column.name for column in fields(LogEntry))
_SELECT_STREAMS = f"SELECT {', '.join(_COLUMNS)} FROM streams"  # nothing of a person's goes in here
_INSERT_STREAM = f"INSERT INTO streams ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"


def log_path() -> Path:
    """Return where the log lies."""
    from platformdirs import user_data_path  # here: most sessions have no log

    return user_data_path("streamnb", appauthor=False) / "log.sqlite3"


class LogWriter:
    """Writes entries in a thread; ``on_fault`` is told, once, why nothing more will be written."""

    def __init__(self, path: Path, on_fault: Callable[[str], None]) -> None:
        self._path = path
        self._on_fault = on_fault
        self._queue: queue.SimpleQueue[LogEntry | None] = queue.SimpleQueue()
        self._has_failed = False
        self._thread = threading.Thread(target=self._run, name="streamnb log", daemon=True)
        self._thread.start()

    def add(self, entry: LogEntry) -> None:
        """Take an entry; returns at once."""
        if not self._has_failed:
            self._queue.put(entry)

    def close(self) -> None:
        """Write what is left, and wait a moment for it."""
        self._queue.put(None)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        try:
            while (entry := self._queue.get()) is not None:
                batch, is_last = self._next_batch(entry)
                with _open_database(self._path, make=True) as database:
                    database.executemany(_INSERT_STREAM, map(_entry_to_row, batch))
                if is_last:
                    break
        except (OSError, sqlite3.Error, UsageError) as error:
            self._has_failed = True
            self._on_fault(f"the log stops, answers go on: {_error_line(self._path, error)}")

    def _next_batch(self, first: LogEntry) -> tuple[list[LogEntry], bool]:
        """Return what has come meanwhile, and whether that was all; one commit serves them all."""
        batch = [first]
        with contextlib.suppress(queue.Empty):
            while (entry := self._queue.get_nowait()) is not None:
                batch.append(entry)
            return batch, True
        return batch, False


def search_entries(terms: Sequence[str], limit: int, path: Path | None = None) -> list[LogEntry]:
    """Return the newest entries, those first that came last; with terms, the ones that hold all of them.

    Parameters
    ----------
    terms
        Beginnings of words, all of which have to be in the prompt or the answer; none for all entries.
    limit
        How many entries at most.
    path
        The file of the log; ``None`` for the person's own.

    Raises
    ------
    UsageError
        There is no log, or it cannot be read; one line says why.
    """
    with _open_existing_log(path) as database:
        if not terms:
            return _entries_from_rows(
                database.execute(f"{_SELECT_STREAMS} ORDER BY id DESC LIMIT ?", (limit,))
            )
        # Quoted: what was typed is looked for, whatever it would mean to SQLite; its end may be missing.
        query = " ".join('"{}"*'.format(term.replace('"', '""')) for term in terms)
        matching = "WHERE id IN (SELECT rowid FROM terms WHERE terms MATCH ?)"
        return _entries_from_rows(
            database.execute(f"{_SELECT_STREAMS} {matching} ORDER BY id DESC LIMIT ?", (query, limit))
        )


def get_entry(number: int, path: Path | None = None) -> LogEntry:
    """Return the entry of a number.

    Raises
    ------
    UsageError
        There is no such entry, no log, or it cannot be read.
    """
    with _open_existing_log(path) as database:
        entries = _entries_from_rows(database.execute(f"{_SELECT_STREAMS} WHERE id = ?", (number,)))
    if not entries:
        raise UsageError(f"the log has no entry {number}; %stream log lists the newest")
    return entries[0]


def delete_entries(number: int | None, path: Path | None = None) -> int:
    """Delete the entry of a number, or all (``None``); return how many. Nothing of them stays in the file.

    Raises
    ------
    UsageError
        There is no such entry, no log, or it cannot be written.
    """
    with _open_existing_log(path) as database:
        where, values = ("", ()) if number is None else (" WHERE id = ?", (number,))
        count = database.execute(f"DELETE FROM streams{where}", values).rowcount
        database.execute("INSERT INTO terms(terms) VALUES ('optimize')")
        database.commit()
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if number is not None and not count:
        raise UsageError(f"the log has no entry {number}; %stream log lists the newest")
    return int(count)


@contextmanager
def _open_existing_log(path: Path | None) -> Iterator[sqlite3.Connection]:
    """Open the log that there is, to read or delete; every fault is one line."""
    path = path or log_path()
    if not path.exists():
        raise UsageError("there is no log yet: %config StreamMagics.log = True keeps one from then on")
    try:
        with _open_database(path) as database:
            yield database
    except (OSError, sqlite3.Error) as error:
        raise UsageError(f"the log cannot be read: {_error_line(path, error)}") from None


@contextmanager
def _open_database(path: Path, *, make: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the file, check that it is a log of this format, commit at the end, and close it."""
    if make:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite would make it readable for all
    database = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
    try:
        database.execute("PRAGMA secure_delete = ON")
        _ensure_tables(database, path, make=make)
        yield database
        database.commit()
    finally:
        database.close()


def _ensure_tables(database: sqlite3.Connection, path: Path, *, make: bool) -> None:
    """Make the tables in a new file; refuse a file of another kind or of another format."""
    (version,), (kind,) = (
        database.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id")
    )
    if (version, kind) == (FORMAT_VERSION, APPLICATION_ID):
        return
    if kind == APPLICATION_ID:
        older = "an older" if version < FORMAT_VERSION else "a newer"
        raise UsageError(
            f"{path} was written by {older} streamnb (format {version}, not {FORMAT_VERSION}): move it away"
        )
    database.execute("BEGIN IMMEDIATE")  # two kernels may begin at the same moment
    (kind,) = database.execute("PRAGMA application_id").fetchone()
    if kind != APPLICATION_ID:
        if database.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise UsageError(f"{path} is a database, but no log of streamnb: move it away")
        if make:
            for statement in _split_statements(_CREATE_TABLE):
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
    database.commit()
    if not make and kind != APPLICATION_ID:
        raise UsageError("there is no log yet: %config StreamMagics.log = True keeps one from then on")
    with contextlib.suppress(sqlite3.Error):  # some network folders cannot; then readers wait for writers
        database.execute("PRAGMA journal_mode = WAL")


def _split_statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; ``executescript`` would commit before it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _entries_from_rows(rows: sqlite3.Cursor) -> list[LogEntry]:
    named_rows = (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
    return [
        LogEntry(**row | {"attachments": tuple(json.loads(row["attachments"] or "[]"))}) for row in named_rows
    ]


def _entry_to_row(entry: LogEntry) -> tuple[object, ...]:
    values = dict(zip(_COLUMNS, astuple(entry), strict=True))
    values["attachments"] = json.dumps(entry.attachments)
    # A lone surrogate is no UTF-8, and SQLite takes nothing else.
    return tuple(
        value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for value in values.values()
    )


def _error_line(path: Path, error: Exception) -> str:
    text = str(error.strerror or error) if isinstance(error, OSError) else str(error)
    return sanitize_line(text if str(path) in text else f"{path}: {text}")
