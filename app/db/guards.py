"""The database's own refusal of a double booking: it holds against every writer, whatever code it runs.

Two promises: a space has one active booking at a time, and a person one active desk at a time. PostgreSQL keeps them with
exclusion constraints over integer and time ranges, which need no extension; SQLite with triggers. The service locks
its rows first, so on PostgreSQL a rush waits in line rather than in deadlocks (an exclusion constraint alone deadlocks).
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

SPACE, PERSON = "booking_no_overlap", "booking_one_desk_a_person"

FIRST = {
    "idempotency_pkey": "UNIQUE constraint failed: idempotency.",
    "week_plan_person_id_monday_on_key": "UNIQUE constraint failed: week_plan.",
    "presence_override_pkey": "UNIQUE constraint failed: presence_override.",
    "presence_choice_pkey": "UNIQUE constraint failed: presence_choice.",
    "lease_pkey": "UNIQUE constraint failed: lease.",
}
"""Keys that two first writers race for, with SQLite's words for each: the second, run again, finds what the first wrote."""

_EXCLUSIONS = (
    (SPACE, "space_id", "active"),
    (PERSON, "person_id", "active AND kind = 'desk'"),
)

_POSTGRESQL = """
ALTER TABLE booking ADD CONSTRAINT {name} EXCLUDE USING gist (
  int4range({key}::int, {key}::int, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&
) WHERE ({when})
"""

_SQLITE = """
CREATE TRIGGER {name}_{verb} BEFORE {event} ON booking WHEN NEW.active{new_when} BEGIN
  SELECT RAISE(ABORT, '{name}') WHERE EXISTS (
    SELECT 1 FROM booking AS other WHERE {when} AND other.{key} = NEW.{key}
    AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at AND other.id IS NOT NEW.id
  );
END
"""


def create(dialect: str) -> list[str]:
    """The statements that put the guards on table ``booking``; SQLite batch migrations must run them again."""
    if dialect == "postgresql":
        return [_POSTGRESQL.format(name=name, key=key, when=when) for name, key, when in _EXCLUSIONS]
    events = (("insert", "INSERT"), ("update", "UPDATE OF space_id, person_id, kind, starts_at, ends_at, active"))
    return [
        _SQLITE.format(
            name=name,
            verb=verb,
            event=event,
            key=key,
            when=" AND ".join(f"other.{part}" for part in when.replace("active", "active = 1").split(" AND ")),
            new_when="".join(f" AND NEW.{part}" for part in when.split(" AND ")[1:]),
        )
        for name, key, when in _EXCLUSIONS
        for verb, event in events
    ]


def drop(dialect: str) -> list[str]:
    """The statements that take the guards away: for migrations, and for the test that shows what happens without."""
    if dialect == "postgresql":
        return [f"ALTER TABLE booking DROP CONSTRAINT {name}" for name, _, _ in _EXCLUSIONS]
    return [f"DROP TRIGGER {name}_{verb}" for name, _, _ in _EXCLUSIONS for verb in ("insert", "update")]


def lost_race(error: DBAPIError) -> bool:
    """True if running the unit of work again will do: a rival got there first, or the engine broke a tie.

    40001 serialization failure, 40P01 deadlock, 23P01 exclusion, 23505 unique (PostgreSQL, appendix A).
    """
    cause = error.orig
    state = getattr(cause, "sqlstate", None)
    if state in ("40001", "40P01", "23P01"):
        return True
    if state == "23505":
        return getattr(getattr(cause, "diag", None), "constraint_name", None) in FIRST
    words = str(cause)
    return any(name in words for name in (SPACE, PERSON, *FIRST.values()))
