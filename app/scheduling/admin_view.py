"""The pages of those who keep the dated rules, as plain values in the words of one reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app import sites
from app.clock import local_date
from app.people.access import Actor
from app.scheduling import admin_fields, change_log, changes, rule_words, rulebook, rules, statutes
from app.scheduling.admin_fields import Choices, Field
from app.scheduling.change_log import Change
from app.scheduling.policies import Standing
from app.scheduling.policy_kinds import Policy
from app.scheduling.rule_items import Item, Names, describe, item_of, names_of, season_tag
from app.scheduling.touched import Row, Touch
from app.scheduling.working_time import Day, DayOff, Hours, Whose
from app.texts import N_, Words
from app.views import Notice

TABS = {
    "libur": ("day-off", N_("Hari libur")),
    "ramadan": ("season", N_("Ramadan")),
    "jam-kerja": ("work-hours", N_("Jam kerja")),
    "kebijakan": ("policy", N_("Kebijakan")),
}
"""Addresses of the tabs, with the kind of rule and what it is called."""
INTROS = {
    "day-off": N_("Hari libur suatu lokasi didahulukan dari libur nasional. Hari yang dibatalkan tetap tercatat."),
    "season": N_("Awal dan akhir Ramadan dapat diubah sampai sidang isbat. Selama itu berlaku jam kerja Ramadan."),
    "work-hours": N_(
        "Yang lebih sempit didahulukan: orang, unit, instansi, lokasi, lalu nasional. Selama Ramadan, jam Ramadan menggantikan "
        "jam biasa siapa pun."
    ),
    "policy": N_(
        "Dari satu jenis, yang lebih sempit didahulukan: unit, instansi, lalu nasional; lalu yang mulai lebih akhir. "
        "Pengecualian, hari tertentu, dan aturan kehadiran berlaku semuanya."
    ),
}
ADDS = {
    "day-off": N_("Tambah hari libur"),
    "season": N_("Tambah Ramadan"),
    "work-hours": N_("Tambah jam kerja"),
    "policy": N_("Tambah kebijakan"),
}
CARRIED_OUT = N_("Perubahan diterapkan. Tersentuh: {touch}.")
UNDONE = N_("Perubahan dibatalkan. Tersentuh: {touch}.")
TO_COME = {
    "added": N_("Akan ditambahkan"),
    "changed": N_("Akan diubah"),
    "called-off": N_("Akan dibatalkan"),
    "ended": N_("Akan diakhiri"),
    "removed": N_("Akan dihapus"),
}
VERBS = {
    "added": N_("Ditambahkan"),
    "changed": N_("Diubah"),
    "called-off": N_("Dibatalkan"),
    "ended": N_("Diakhiri"),
    "removed": N_("Dihapus"),
}


class Form(msgspec.Struct, frozen=True):
    title: str
    fields: tuple[Field, ...]
    hidden: dict[str, str]
    error: str = ""


class Check(msgspec.Struct, frozen=True):
    """What a change would touch, to be confirmed; ``hidden`` sends the form again. ``barred`` says why the reader can't."""

    verb: str
    before: Item | None
    after: Item | None
    touch: Touch
    hidden: dict[str, str]
    barred: bool = False


class Made(msgspec.Struct, frozen=True):
    """A change that was made; ``undo`` is its id where the reader may take it back."""

    verb: str
    title: str
    counts: str
    by: str
    undo: int = 0
    undone: str = ""


class AdminPage(msgspec.Struct, frozen=True):
    tab: str
    kind: str
    title: str
    intro: str
    tabs: tuple[tuple[str, str, bool], ...]
    year: int
    items: tuple[Item, ...]
    over: tuple[Item, ...]
    officer: bool
    form: Form | None
    check: Check | None
    made: tuple[Made, ...]
    holding: tuple[Item, ...]
    adds: tuple[tuple[str, str], ...]
    notice: Notice | None


class Query(msgspec.Struct, frozen=True):
    """What the address or a form asks for: a year, a row to edit, a kind of policy to add, a change just made."""

    tab: str
    year: int | None = None
    edit: int = 0
    tag: str = ""
    done: int = 0


class Written(msgspec.Struct, frozen=True):
    """A form as it came: with what is wrong in it, or with what it would touch."""

    data: Mapping[str, str]
    errors: Mapping[str, str] = {}
    check: tuple[Row | None, Row | None, Touch] | None = None


def admin_page(
    session: Session,
    actor: Actor,
    query: Query,
    said: Words,
    *,
    form: Written | None = None,
    notice: Notice | None = None,
    now: datetime,
) -> AdminPage:
    kind, title = TABS[query.tab]
    names = names_of(session)
    zone = sites.site(session, actor.site_id).zone
    today = local_date(now, zone)
    year = query.year or today.year
    every = statutes.rows_for(session, actor, kind)
    officer = changes.may_look(actor)
    items = [
        item_of(row, said, names, today, tab=query.tab, may=officer and _may(actor, row, names))
        for row in every
        if statutes.in_year(row, year)
    ]
    made = statutes.changes_for(session, actor, kind) if officer else []
    return AdminPage(
        tab=query.tab,
        kind=kind,
        title=said.say(title),
        intro=said.say(INTROS[kind]),
        tabs=tuple((key, said.say(label), key == query.tab) for key, (_, label) in TABS.items()),
        year=year,
        items=tuple(item for item in items if not item.over),
        over=tuple(item for item in items if item.over),
        officer=officer,
        form=_form(session, actor, kind, query, form, said, names) if officer else None,
        check=_check(actor, kind, query, form, said, names, today) if form and form.check else None,
        made=tuple(_made(actor, change, said, names, today, zone) for change in made[:8]),
        holding=_holding(session, actor, kind, said, names, today, zone),
        adds=tuple((tag, said.say(rule_words.POLICIES[tag])) for tag in admin_fields.OFFERED)
        if kind == "policy"
        else (),
        notice=notice or _done(made, query.done, said),
    )


def _may(actor: Actor, row: Row, names: Names) -> bool:
    agency = None
    if isinstance(row, Hours | Policy):
        agency = names.agency_of_unit.get(row.unit_id) if row.unit_id else row.agency_id
        if isinstance(row, Hours) and row.person_id:  # whoever may see it may change it
            return row.person_id != actor.id
    return rules.may_administer(actor, agency)


# The form and its check


def choices_for(actor: Actor, names: Names, said: Words) -> Choices:
    """Where and for whom the actor may set rules: their agency and its units; operators for every agency and everybody."""
    own = [(id, path) for id, path in names.units.items() if names.agency_of_unit[id] == actor.agency_id]
    scopes = {f"agency:{actor.agency_id}": names.agencies[actor.agency_id]}
    if rules.may_administer(actor, None):
        scopes = {"": said.say(N_("Nasional")), **{f"agency:{id}": code for id, code in sorted(names.agencies.items())}}
    scopes |= {f"unit:{id}": path for id, path in sorted(own, key=lambda one: one[1])}
    return Choices({str(id): name for id, name in names.sites.items()}, scopes)


def _form(
    session: Session, actor: Actor, kind: str, query: Query, form: Written | None, said: Words, names: Names
) -> Form | None:
    row = change_log.find(session, kind, query.edit) if query.edit else None
    tag = query.tag or (row.kind if isinstance(row, Policy) else "")
    if kind == "policy" and tag not in admin_fields.OFFERED:
        return None
    if form is not None and "akhiri" not in form.data:
        data = form.data
    else:
        data = admin_fields.data_of(row) if row is not None else admin_fields.blank(kind, tag)
    errors = form.errors if form is not None else {}
    hidden = {"id": str(query.edit or ""), "type": tag, "year": str(query.year or "")}
    fields = admin_fields.fields(kind, data, errors, choices_for(actor, names, said), said, tag=tag)
    general = errors.get("", "") or (next(iter(errors.values())) if errors and not any(f.error for f in fields) else "")
    title = said.say(N_("Ubah")) if row is not None else said.say(ADDS[kind])
    if tag:
        title = f"{title}: {said.say(rule_words.POLICIES[tag])}"
    return Form(title, fields, hidden, said.say(general) if general else "")


def _check(
    actor: Actor, kind: str, query: Query, form: Written, said: Words, names: Names, today: date
) -> Check | None:
    if form.check is None:
        return None
    before, after, touch = form.check
    rows = [row for row in (before, after) if row is not None]
    return Check(
        said.say(TO_COME[_verb(before, after)]),
        item_of(before, said, names, today) if before is not None else None,
        item_of(after, said, names, today) if after is not None else None,
        touch,
        {name: value for name, value in form.data.items() if name != "_csrf_token"},
        barred=not all(_may(actor, row, names) for row in rows),
    )


def _verb(before: Any, after: Any) -> str:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    if getattr(after, "state", "") == "cancelled":
        return "called-off"
    ends = not isinstance(after, DayOff) and after.until_on is not None
    return "ended" if ends and after == msgspec.structs.replace(before, until_on=after.until_on) else "changed"


# What was done


def _made(actor: Actor, change: Change, said: Words, names: Names, today: date, zone: str) -> Made:
    before, after = (change_log.read(change.kind, row) for row in (change.before, change.after))
    row = after or before
    assert row is not None
    title, detail, _ = describe(row, said, names)
    when = f"{said.plain_date(local_date(change.at, zone))} {said.time(change.at, zone)}"
    undone = (
        said.say(N_("dibatalkan {date}"), date=said.plain_date(local_date(change.undone_at, zone)))
        if change.undone_at
        else ""
    )
    may = change.undoable and all(_may(actor, one, names) for one in (before, after) if one is not None)
    return Made(
        said.say(VERBS[_verb(before, after)]),
        f"{title}: {detail}" if isinstance(row, DayOff) else title,
        counts(change.kind, Touch(change.plans, change.desks, change.people), said),
        " · ".join(part for part in (change.by, when) if part),
        change.id if may else 0,
        undone,
    )


def counts(kind: str, touch: Touch, said: Words) -> str:
    found = [said.count("{n} orang", "{n} orang", touch.people)]
    if kind != "policy":
        found.insert(0, said.count("{n} rencana", "{n} rencana", touch.plans))
    if kind == "day-off":
        found.insert(1, said.count("{n} meja", "{n} meja", touch.desks))
    return " · ".join(found)


def _done(made: list[Change], done: int, said: Words) -> Notice | None:
    change = next((change for change in made if change.id == done), None)
    if change is None:
        return None
    touch = counts(change.kind, Touch(change.plans, change.desks, change.people), said)
    text = UNDONE if change.undone_at else CARRIED_OUT
    undo = f"/aturan/perubahan/{change.id}/batalkan" if change.undoable else ""
    return Notice("ok", said.say(text, touch=touch), undo=undo)


# What holds for the reader


def _holding(
    session: Session, actor: Actor, kind: str, said: Words, names: Names, today: date, zone: str
) -> tuple[Item, ...]:
    if kind == "policy":
        return tuple(_standing(one, said, names) for one in statutes.standing_for(session, actor.unit_id, today))
    if kind == "work-hours":
        whose = Whose(actor.site_id, actor.agency_id, actor.unit_lineage, actor.id)
        return (_today(rulebook.current(session).calendar.day(today, whose, zone), said, zone),)
    return ()


def _standing(one: Standing, said: Words, names: Names) -> Item:
    title, detail, tags = describe(one.policy, said, names)
    if one.overridden_by is None:
        return Item(one.policy.id, title, detail, one.policy.basis, tags)
    by = describe(one.overridden_by, said, names)[2][0]
    replaced = said.say(N_("digantikan oleh yang berlaku bagi {scope}"), scope=by)
    return Item(one.policy.id, title, detail, one.policy.basis, (*tags, replaced), faded=True)


def _today(day: Day, said: Words, zone: str) -> Item:
    title = said.day(day.on)
    if not day.spans:
        return Item(0, title, (day.name_en if said.language == "en" else day.name) or said.say(N_("Libur")), day.basis)
    worked = ", ".join(said.hours(span, zone) for span in day.spans)
    return Item(0, title, worked, day.basis, season_tag(day.season, said))
