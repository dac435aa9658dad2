"""Units of work that only look."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.db.work import GLANCES, one_moment
from app.people.models import Person


def test_what_is_to_be_kept_is_read_in_one_moment(db):
    """SQLite has no cheaper way to read; on PostgreSQL a glance that is about to keep something becomes a read."""
    glanced = []

    def work(session):
        glanced.append(GLANCES in session.info)
        one_moment(session)
        return session.scalar(select(Person.id).order_by(Person.id).limit(1))

    assert db.glance_here(work) == db.read_here(work) > 0
    assert glanced == ([False, False] if db.embedded else [True, False, False])


def test_a_glance_sees_what_is_committed_between_its_statements(db):
    name = select(Person.name).where(Person.id == 1)

    def rename(session):
        session.get(Person, 1).name = "Nama Lain"

    def work(session):
        before = session.scalar(name)
        db.write_here(rename)
        return before, session.scalar(name)

    before, after = db.glance_here(work)
    assert (after == before) is db.embedded
    before, after = db.read_here(work)
    assert before == after == "Nama Lain"


@pytest.mark.parametrize("look", ["read_here", "write_here"])
def test_an_error_names_the_statement_never_the_values(db, look):
    def work(session):
        session.execute(text("SELECT nothing FROM person WHERE email = :email"), {"email": "rahasia@selaras.test"})

    with pytest.raises(DBAPIError) as caught:
        getattr(db, look)(work)
    assert "SELECT nothing" in str(caught.value)
    assert "rahasia" not in str(caught.value)
