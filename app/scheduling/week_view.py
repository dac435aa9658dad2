"""The page Pekan saya: one's own week as a grid and as a form, what the rules say, who decides, and what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, journal, sites, weeks
from app.errors import Refused
from app.people import service as people
from app.people.access import Actor
from app.problems import detail
from app.scheduling import plans, policies, service, week_form, week_grid, week_steps, week_team, wording
from app.scheduling import week_words as say
from app.scheduling.board_words import LOOKS, MEANINGS, MODES, off_name
from app.scheduling.finding_words import ACTIONS
from app.scheduling.ground import Ground, ground
from app.scheduling.policy_kinds import FlexibleDays
from app.scheduling.reading import SeenWeek
from app.scheduling.rules import COUNTED, DayState, Mode
from app.scheduling.shapes import DayOut, RemedyOut, SegmentOut, WeekOut
from app.scheduling.week_form import DayForm
from app.scheduling.week_grid import Square
from app.scheduling.week_views import Box, Column, Desk, Finding, Foot, Judged, Mood, Step, Way, WeekPage
from app.texts import N_, Words
from app.views import Notice

MOST_STEPS = 8


def current_week(session: Session, actor: Actor, *, now: datetime) -> str:
    """The week to plan: the present one at the posting, at its end the next."""
    today = clock.local_date(now, sites.site(session, actor.site_id).zone)
    return weeks.to_plan(today)


def week_page(
    session: Session,
    actor: Actor,
    week: str,
    said: Words,
    *,
    data: Mapping[str, str] | None = None,
    notice: Notice | None = None,
    fragment: bool = False,
    now: datetime,
) -> WeekPage:
    """One's own week, with the fields of ``data`` in place of what is stored. A ``fragment`` leaves out what doesn't change
    while one paints. Raises Invalid, NotFound."""
    base = ground(session, actor, actor.id, week, now=now)
    seen = service.week_on(session, base)
    stored = seen.week
    forms = week_form.stored_forms(base, stored)
    if data is not None:
        forms = week_form.sent_forms(base, forms, data)
        try:
            wanted = week_form.wanted(base, stored, forms)
            seen = service.look_on(session, base, wanted)
        except Refused as refused:
            notice = notice or Notice("warn", detail(refused, said))
    shown = [on for on in base.days if on.weekday() < 5 or base.days[on].spans or stored.days.get(on)]
    judged = _judged(base, seen, forms, said)
    rows = week_grid.axis(
        (base.days[on] for on in shown), (part for on in shown for part in week_form.read_parts(forms[on].parts))
    )
    last = shown[-1]
    return WeekPage(
        week=stored.week,
        label=_week_label(base.monday, last, said),
        path=f"/pekan/{stored.week}",
        before=f"/pekan/{weeks.week_of(base.monday - timedelta(days=7))}",
        after=f"/pekan/{weeks.week_of(base.monday + timedelta(days=7))}",
        this="" if weeks.week_of(base.today) == stored.week else f"/pekan/{weeks.week_of(base.today)}",
        version=stored.version,
        zone=base.sites[base.person.site_id].zone_name,
        palette=_palette(base, said),
        rows=tuple((minute, said.minute(minute)) for minute in rows),
        columns=tuple(_column(base, on, rows, seen, forms, judged, said) for on in shown),
        sites=tuple((site.id, site.name) for site in base.sites.values() if site.id != base.person.site_id),
        judged=judged,
        foot=_foot(seen, forms, said),
        may_copy=not fragment and _may_copy(session, base, stored),
        empty=not stored.days,
        editable=any(week_form.may_change(base, on) for on in shown),
        steps=() if fragment else _steps(session, actor, base, said),
        team=None if fragment else week_team.team(session, actor, stored.week, shown, said, now=now),
        notice=notice,
    )


def _week_label(monday: date, last: date, said: Words) -> str:
    """Pekan 48 · 23–27 November 2026"""
    ends = _long_date(last, said)
    starts = str(monday.day)
    if monday.year != last.year:
        starts = f"{_long_date(monday, said)} "
    elif monday.month != last.month:
        starts = _long_date(monday, said).removesuffix(f" {monday.year}") + " "
    week = said.say(N_("Pekan {number}"), number=monday.isocalendar().week)
    return f"{week} · {starts}–{' ' if ' ' in starts else ''}{ends}"


def _long_date(on: date, said: Words) -> str:
    return said.day(on).partition(", ")[2]


def _hours(starts: int, ends: int, said: Words) -> str:
    return f"{said.minute(starts)}–{said.minute(ends)}"


def length(minutes: int, said: Words) -> str:
    """7 j 30 m"""
    hours, rest = divmod(minutes, 60)
    if not rest:
        return said.say(N_("{hours} jam"), hours=hours)
    return said.say(N_("{hours} jam {minutes} mnt"), hours=hours, minutes=rest)


def _palette(base: Ground, said: Words) -> tuple[Mood, ...]:
    modes = [mode for mode in Mode if mode is not Mode.OTHER_OFFICE or len(base.sites) > 1]
    return tuple(
        Mood(mode.value, LOOKS[mode], said.say(MODES[mode]), said.say(MEANINGS[mode]), n + 1)
        for n, mode in enumerate(modes)
    )


# Days


def _column(
    base: Ground,
    on: date,
    rows: range,
    seen: SeenWeek,
    forms: Mapping[date, DayForm],
    judged: Judged,
    said: Words,
) -> Column:
    day, form, about = base.days[on], forms[on], seen.week.about[on]
    parts = week_form.read_parts(form.parts)
    split = _split(base, on, form)
    return Column(
        n=on.weekday(),
        on=on.isoformat(),
        weekday=said.weekday(on),
        day=str(on.day),
        label=said.day(on).rpartition(" ")[0],
        today=on == base.today,
        off="" if day.spans else off_name(day.name, day.name_en, said),
        open=week_form.may_change(base, on),
        state=_state(base, on, about, said),
        tone=about.state.value if about.state else "",
        reason=about.reason,
        total=_sum(about, said) if parts or about.minutes_owed else "",
        boxes=tuple(_box(square, said) for square in week_grid.squares(rows, day, parts)) if day.spans else (),
        form=form,
        mode=split[0],
        am=split[1],
        pm=split[2],
        more=bool(split[1] or split[2] or form.modes & {Mode.OTHER_OFFICE, Mode.TRAVEL}),
        desks=_desks(on, seen.week.days.get(on, [])),
        hours=f"{day.starts} {min(day.ends, 1440)} {min(day.latest_end, 1440)} {day.break_starts} {day.break_ends}",
        errors=tuple(one.text for one in judged.findings if one.n == on.weekday() and one.severity == "refusal"),
    )


def _state(base: Ground, on: date, about: DayOut, said: Words) -> str:
    if about.state is None and on < base.today:
        return said.say(say.OVER)
    if about.state is DayState.APPROVED and about.automatic:
        return said.say(say.AUTOMATIC)
    return said.say(say.STATES[about.state])


def _sum(about: DayOut, said: Words) -> str:
    if about.minutes_planned == about.minutes_owed:
        return length(about.minutes_planned, said)
    return _total(about.minutes_planned, about.minutes_owed, said)


def _total(planned: int, owed: int, said: Words) -> str:
    return said.say(N_("{planned} dari {owed}"), planned=length(planned, said), owed=length(owed, said))


def _split(base: Ground, on: date, form: DayForm) -> tuple[str, str, str]:
    """What the selects for the whole day, morning and afternoon show; ``parts`` where none of them can."""
    parts = week_form.read_parts(form.parts)
    if not parts:
        return "", "", ""
    if len(parts) == 1 and parts[0].starts is None:
        return parts[0].mode.value, "", ""
    day = base.days[on]
    halves = [(day.starts, day.break_starts), (day.break_ends, min(day.ends, 1440))]
    modes = {(part.starts, part.ends): part.mode.value for part in parts}
    if day.spans and set(modes) == set(halves):
        return modes[halves[0]], modes[halves[0]], modes[halves[1]]
    return "parts", "", ""


def _box(square: Square, said: Words) -> Box:
    part = square.part
    if part is None:
        return Box(square.minute, square.kind, "")
    word = said.say(MODES[part.mode])
    look = f"c {LOOKS[part.mode]}"
    if not square.first:
        return Box(square.minute, square.kind, look, label=word)
    hours = ""
    if square.length > 1:
        whole = part.starts is None or part.ends is None
        hours = said.say(N_("Sehari penuh")) if whole else _hours(part.starts or 0, part.ends or 0, said)
    return Box(square.minute, square.kind, f"{look} first", word, hours, word)


def _desks(on: date, parts: list[SegmentOut]) -> tuple[Desk, ...]:
    found = []
    for part in parts:
        if part.desk_id and part.desk:
            query = f"on={on.isoformat()}&part=span&from={part.starts}&until={part.ends}&desk={part.desk_id}"
            found.append(Desk(part.desk, f"/denah?{query}"))
    return tuple(found)


# What the rules say


def _judged(base: Ground, seen: SeenWeek, forms: Mapping[date, DayForm], said: Words) -> Judged:
    found = _once(wording.findings(seen.judgement, said))
    ways = tuple(Way(_way_label(way, said), week_form.remedy_text(base, way)) for way in seen.week.ways_out)
    about = seen.week.about.values()
    quota, full = _quota(base, forms, said)
    summary = said.count(N_("{n} hal perlu diperhatikan"), N_("{n} hal perlu diperhatikan"), len(found))
    return Judged(
        quota,
        full,
        _total(sum(day.minutes_planned for day in about), sum(day.minutes_owed for day in about), said),
        tuple(Finding(one.severity, one.detail, one.basis, one.on.weekday() if one.on else None) for one in found),
        ways,
        summary if found else said.say(N_("Rencana memenuhi semua aturan")),
    )


def _once(findings: Iterable[Any]) -> list[Any]:
    """Each sentence once: a shortfall of morning and afternoon is one for the reader."""
    return list({one.detail: one for one in findings}.values())


def _way_label(way: RemedyOut, said: Words) -> str:
    """What it does, to which days, and how they are worked then where that isn't said already."""
    action = said.say(ACTIONS[way.action])
    if way.action == "move":
        return f"{action}: {' → '.join(said.weekday(on) for on in way.days)}"
    days = sorted(way.days.items())
    if way.action in ("office-day", "all-office"):
        return f"{action}: {', '.join(said.weekday(on) for on, _ in days)}"
    return f"{action}: {', '.join(f'{said.weekday(on)} {_modes_word(parts, said)}' for on, parts in days)}"


def _modes_word(parts: Sequence[Any], said: Words) -> str:
    return "/".join(dict.fromkeys(said.say(MODES[part.mode]) for part in parts))


def _quota(base: Ground, forms: Mapping[date, DayForm], said: Words) -> tuple[str, bool]:
    """Flexible days taken of those that the policy in force allows; empty without such a policy."""
    found = policies.in_force(base.book.policies, base.planner, base.monday).get("flexible-days")
    if found is None or not isinstance(found.rule, FlexibleDays):
        return "", False
    rule = found.rule
    norms = base.book.week_rules(base.week({})).norms
    used = 0
    for on, form in forms.items():
        counted = form.modes & frozenset(rule.counts) if base.days[on].spans else frozenset()
        used += bool(counted if rule.norm_counts else counted - frozenset(norms.get(on, ())))
    return said.say(N_("Hari fleksibel: {used} dari {most}"), used=used, most=rule.most), used > rule.most


# Who decides


def _foot(seen: SeenWeek, forms: Mapping[date, DayForm], said: Words) -> Foot:
    week, judgement = seen.week, seen.judgement
    names = [_approver(one, said) for one in week.approvers]
    asked = asked_names(seen, said)
    waits = any(day.state is DayState.SUBMITTED for day in week.about.values())
    short = bool(judgement.shortfalls) and not judgement.refusals
    button = said.say(say.SUBMIT)
    if not any(form.parts for form in forms.values()):
        text = said.say(say.NOBODY_PLANNED)
    elif judgement.refusals:
        text = said.say(say.BARRED)
    elif short:
        text = said.say(say.DESPITE, names=asked or said.say(N_("Atasan")))
        button = said.say(say.SUBMIT_DESPITE, name=names[0]) if names else button
    elif week.automatic:
        text, button = said.say(say.BY_RULES if names else say.AT_ONCE), said.say(say.SUBMIT_AT_ONCE)
    elif week.state is DayState.APPROVED:
        text = said.say(say.SETTLED)
    elif week.state is DayState.SUBMITTED:
        text = said.say(say.WAITS, names=asked)
    else:
        text = said.say(say.ASKS, names=asked)
        button = said.say(say.SUBMIT_TO, name=names[0]) if names else button
    return Foot(text, button, bool(judgement.refusals), short, waits)


def _approver(one: Any, said: Words) -> str:
    return said.say(say.ACTING, name=one.name, acting_for=one.acting_for) if one.acting_for else one.name


def asked_names(seen: SeenWeek, said: Words) -> str:
    return f" {said.say(say.OR)} ".join(_approver(one, said) for one in seen.week.approvers[:2])


def _may_copy(session: Session, base: Ground, stored: WeekOut) -> bool:
    free = any(week_form.may_change(base, on) and day.state not in COUNTED for on, day in stored.about.items())
    return free and week_steps.has_pattern(session, base)


# What happened


_STEPS = (
    select(journal.Entry.verb, journal.Entry.at, journal.Entry.actor_id, journal.Entry.facts)
    .where(journal.Entry.subject == "week-plan")
    .order_by(journal.Entry.id.desc())
    .limit(MOST_STEPS)
)


def _steps(session: Session, actor: Actor, base: Ground, said: Words) -> tuple[Step, ...]:
    """The last steps of a week, the latest first; saves in a row are one."""
    plan = plans.read(session, actor.id, base.monday)
    if not plan.id:
        return ()
    zone = base.zone(base.person.site_id)
    steps: list[Step] = []
    before = ""
    for verb, at, by_id, facts in session.execute(_STEPS.where(journal.Entry.subject_id == plan.id)):
        if verb == before == "planned" or verb not in say.STEPS:
            continue
        before = verb
        who = people.name_of(session, by_id) or "" if by_id and by_id != actor.id else ""
        when = f"{said.short_day(clock.local_date(at, zone))} · {said.time(at, zone)}"
        steps.append(Step(said.say(say.STEPS[verb]), who, when, str(facts.get("reason", ""))))
    return tuple(steps)
