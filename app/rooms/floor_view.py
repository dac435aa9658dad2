"""The floor plan page: from the database to words and shapes, for one reader."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app import clock, sites
from app.db.hot import Hot
from app.people import service as people
from app.people.access import Actor
from app.people.rules import initials
from app.presence.references import references
from app.rooms import availability, panel_view, places, rules, wording
from app.rooms.floor_choice import FloorQuery, hours_key, lacks_hours
from app.rooms.floor_scene import Scene, look, worded
from app.rooms.models import Floor
from app.rooms.places import FloorPlan
from app.rooms.rules import Hindrance, Place
from app.rooms.views import Choice, Day, Desk, DeskState, FloorPage, LiveFloor, Mate
from app.rooms.ways_out import seeker_of
from app.texts import N_, Words
from app.views import Notice

WEEK = 5


def floor_page(
    session: Session, actor: Actor, query: FloorQuery, said: Words, *, notice: Notice | None = None, now: datetime
) -> FloorPage:
    """The whole page. Raises NotFound for a floor or desk there is none of."""
    scene = look(session, actor, query, said, now=now)
    here = scene.href(desk=None)
    desks = tuple(_desk(scene, shape, f"{here}&desk={shape.id}") for shape in scene.floor.desks)
    counts = Counter(str(desk.state) for desk in desks)
    panel = panel_view.panel(session, scene, desks) if query.desk else None
    if panel is not None and lacks_hours(query):
        panel = msgspec.structs.replace(panel, hours_wanted=True)
    boxes = _boxes(scene.floor)
    wing = query.wing if query.wing in boxes else "all"
    hidden = {name: str(value) for name, value in scene.fields.items() if value is not None}
    hidden |= {
        "from": wording.hhmm(scene.span.starts_at, scene.floor.zone),
        "until": wording.until(scene.span, scene.floor.zone),
    }
    return FloorPage(
        floor_id=scene.floor.id,
        title=f"{scene.floor.building} · {scene.floor.name}",
        zone=clock.zone_name(scene.floor.zone),
        on=scene.on.isoformat(),
        day_label=said.day(scene.on),
        part=query.part,
        part_label=_part_label(scene),
        parts=_parts(scene),
        sites=_sites(session, scene),
        buildings=_buildings(session, scene),
        floors=_floors(session, scene),
        days=_days(session, scene),
        earlier=_week_href(scene, -7),
        later=_week_href(scene, 7),
        wings=_wings(scene, wing),
        view_box=boxes[wing],
        boxes=boxes,
        wing=wing,
        plan=places.drawn(scene.floor),
        desks=desks,
        counts=dict(counts),
        mates=_mates(scene, desks),
        as_list=query.view == "list",
        list_href=scene.href(view="list"),
        map_href=scene.href(view=None),
        hidden=hidden,
        hours_key=hours_key(scene.query),
        panel=panel,
        notice=notice,
        closed=_closed(scene),
        live=_live(session, scene),
    )


def _desk(scene: Scene, shape: places.SpaceShape, href: str) -> Desk:
    said, held = scene.said, scene.held.get(shape.id)
    state: DeskState
    who = ""
    if held is not None:
        state = "mine" if held.person_id == scene.actor.id else "in" if held.state == "checked-in" else "booked"
        known = scene.names.get(held.person_id)
        who = known.name if known else ""
    else:
        state = "free" if scene.free[shape.id].free else "off"
    team = held is not None and held.person_id in scene.team
    words = [said.say("Meja {desk}", desk=shape.name), said.say(wording.DESK_STATES[state])]
    if who and state != "mine":
        words.append(f"{who} ({said.say('tim Anda')})" if team else who)
    kit = [text for _, text in wording.attributes(shape.attributes, said)]
    words += kit
    return Desk(
        id=shape.id,
        code=shape.name,
        x=shape.x,
        y=shape.y,
        chair="south" if shape.chair == "south" else "north",
        area=shape.area or "",
        state=state,
        initials=initials(who) if who else "",
        team=team,
        label=", ".join(words),
        href=href,
        current=shape.id == scene.query.desk,
        who=who,
        attributes=tuple(shape.attributes),
        kit=", ".join(kit),
        base="free" if scene.free[shape.id].hindrance in (None, Hindrance.TAKEN, Hindrance.HAS_DESK) else "off",
    )


def _mates(scene: Scene, desks: tuple[Desk, ...]) -> tuple[Mate, ...]:
    by_id = {desk.id: desk for desk in desks}
    found = []
    for space_id, held in scene.held.items():
        if held.person_id in scene.team and space_id in by_id:
            desk = by_id[space_id]
            here = held.state == "checked-in"
            since = (
                scene.said.say("Hadir sejak {time}", time=scene.said.time(held.checked_in_at, scene.floor.zone))
                if held.checked_in_at
                else scene.said.say("Belum lapor masuk")
            )
            name = scene.team[held.person_id]
            found.append(Mate(name, initials(name), since, desk.code, desk.href, desk.id, here))
    return tuple(sorted(found, key=lambda mate: mate.name))


def _live(session: Session, scene: Scene) -> LiveFloor:
    said = scene.said
    return LiveFloor(
        f"floor:{scene.floor.id}@{scene.on.isoformat()}",
        int(scene.span.starts_at.timestamp()),
        int(scene.span.ends_at.timestamp()),
        {state: said.say(word) for state, word in wording.DESK_STATES.items()},
        said.say("tim Anda"),
        " ".join(references(session, scene.team).values()),
        *(form.format(n="#") for form in said.forms(N_("{n} meja kosong"))),
    )


def _closed(scene: Scene) -> str:
    """Why nothing at all can be booked here over the span: what rules and clock say of the floor as a whole."""
    floor = scene.floor
    place = Place(0, "desk", floor.name, floor.id, None, floor.site_id, floor.zone)
    why = rules.standing_refusal(scene.span, place, seeker_of(people.itself(scene.actor)), scene.house, now=scene.now)
    return "" if why is None else worded(scene, place, why)


def _parts(scene: Scene) -> tuple[Choice, ...]:
    spans = rules.day_parts(scene.on, scene.rules, scene.floor.zone)
    said = scene.said
    choices = [
        Choice(
            key,
            said.say(wording.PARTS[key]),
            scene.href(part=key, **{"from": None, "until": None}),
            key == scene.query.part,
            said.hours(span, scene.floor.zone),
        )
        for key, span in spans.items()
    ]
    label = said.say(wording.PARTS["span"])
    choices.append(Choice("span", label, scene.href(part="span"), scene.query.part == "span"))
    return tuple(choices)


def _part_label(scene: Scene) -> str:
    hours = scene.said.hours(scene.span, scene.floor.zone)
    return hours if scene.query.part == "span" else f"{scene.said.say(wording.PARTS[scene.query.part])}, {hours}"


def _boxes(floor: FloorPlan) -> dict[str, str]:
    """View boxes by wing: the whole floor, and each area with a margin."""
    boxes = {"all": f"0 0 {floor.plan.width:g} {floor.plan.height:g}"}
    for area in floor.areas:
        boxes[area.code] = f"{area.x - 12:g} {area.y - 12:g} {area.width + 24:g} {area.height + 24:g}"
    return boxes


def _wings(scene: Scene, current: str) -> tuple[Choice, ...]:
    whole = Choice("all", scene.said.say("Seluruh lantai"), scene.href(wing="all"), current == "all")
    return (
        whole,
        *(Choice(area.code, area.name, scene.href(wing=area.code), current == area.code) for area in scene.floor.areas),
    )


def _week(scene: Scene) -> list[date]:
    monday = scene.on - timedelta(days=scene.on.weekday())
    days = [monday + timedelta(days=n) for n in range(WEEK)]
    return days if scene.on in days else [*days, scene.on]


def _days(session: Session, scene: Scene) -> tuple[Day, ...]:
    days = _week(scene)
    taken = availability.occupancy(session, scene.floor.id, days, scene.floor.zone)
    return tuple(
        Day(
            on=on.isoformat(),
            weekday=scene.said.weekday(on),
            day=str(on.day),
            label=scene.said.day(on),
            occupancy=taken[on],
            href=scene.href(on=on.isoformat(), desk=None),
            current=on == scene.on,
            off=_day_off(scene, on),
        )
        for on in days
    )


def _day_off(scene: Scene, on: date) -> str:
    if off := scene.house.day_off(scene.floor.site_id, on):
        return off.name_en if scene.said.language == "en" else off.name
    return ""


def _week_href(scene: Scene, days: int) -> str:
    """The address of the same page a week earlier or later; empty where nothing can be booked there."""
    monday = scene.on + timedelta(days=days - scene.on.weekday())
    today = clock.local_date(scene.now, scene.floor.zone)
    if monday + timedelta(days=WEEK - 1) < today or monday > today + timedelta(days=scene.rules.horizon_days):
        return ""
    return scene.href(on=max(monday, today).isoformat())


def _sites(session: Session, scene: Scene) -> tuple[Choice, ...]:
    return tuple(
        Choice(str(site.id), site.name, _first_floor_href(session, scene, site.id), site.id == scene.floor.site_id)
        for site in sites.sites(session)
    )


def _first_floor_href(session: Session, scene: Scene, site_id: int) -> str:
    if site_id == scene.floor.site_id:
        return scene.href()
    return scene.href(floor=places.first_floor(session, site_id), wing=None)


def _buildings(session: Session, scene: Scene) -> tuple[Choice, ...]:
    return tuple(
        Choice(str(one.id), one.name, scene.href(floor=one.first_floor, wing=None), one.id == scene.building_id)
        for one in places.buildings(session, scene.floor.site_id)
    )


_FLOORS = Hot[Any](
    select(Floor.id, Floor.name).where(Floor.building_id == bindparam("building")).order_by(Floor.level, Floor.id)
)


def _floors(session: Session, scene: Scene) -> tuple[Choice, ...]:
    free = availability.free_desks(session, scene.actor, scene.building_id, scene.span, now=scene.now)
    return tuple(
        Choice(
            str(id),
            name,
            scene.href(floor=id, wing=None),
            id == scene.floor.id,
            scene.said.count("{n} meja kosong", "{n} meja kosong", free[id]),
        )
        for id, name in _FLOORS.rows(session, {"building": scene.building_id})
    )
