"""How each engine is opened: one that writes, one that only reads. An error of theirs names the statement, never the values in
it: they may be somebody's name or e-mail, and errors are logged."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=10000",
    "foreign_keys=ON",
    "cache_size=-65536",
)


def normal_url(address: str) -> URL:
    """``postgresql://`` means psycopg 3 here; raises ValueError for an engine we make no promise for."""
    url = make_url(address)
    name = url.get_backend_name()
    if name == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if name == "sqlite" and url.database and url.database != ":memory:":
        return url
    raise ValueError("SELARAS_DATABASE is sqlite:///FILE or postgresql://HOST/NAME")


READ_ONE_MOMENT = r"default_transaction_isolation=repeatable\ read"


def writing_engine(url: URL, connections: int) -> Engine:
    """On SQLite a transaction takes the write lock when it begins, so that what it reads is still true when it writes."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, connections, begin="BEGIN IMMEDIATE")
    return _postgresql(url, connections)


def reading_engine(url: URL, connections: int) -> Engine:
    """Read-only transactions that see one moment; a write through it is refused by the engine."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, connections, begin="BEGIN", extra=("query_only=ON",))
    return _postgresql(url, connections, "default_transaction_read_only=on", READ_ONE_MOMENT)


def _postgresql(url: URL, connections: int, *settings: str) -> Engine:
    pool = {"pool_size": connections, "max_overflow": 0, "pool_recycle": 1800}
    return create_engine(url, **pool, connect_args=_session(url, *settings), hide_parameters=True)


def _session(url: URL, *settings: str) -> dict[str, str]:
    """Settings of PostgreSQL's session: said once a connection, they cost nothing a transaction. In UTC the driver's
    instants need no conversion. Options that the address has of its own are kept."""
    options = " ".join(f"-c {setting}" for setting in ("timezone=UTC", *settings))
    return {"options": f"{url.query.get('options', '')} {options}".strip()}


def _sqlite(url: URL, connections: int, *, begin: str, extra: tuple[str, ...] = ()) -> Engine:
    pool = {"pool_size": connections, "max_overflow": 0}
    engine = create_engine(url, **pool, connect_args={"check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would come too late and only before writes
        for pragma in SQLITE_PRAGMAS + extra:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.connection.dbapi_connection.execute(begin)  # type: ignore[union-attr]

    return engine


def locks_rows(session: Session) -> bool:
    """Whether rows are there to be locked. SQLite has one lock, of the whole file: a transaction that writes holds it from its
    beginning, and need not ask."""
    return session.get_bind().dialect.name != "sqlite"
