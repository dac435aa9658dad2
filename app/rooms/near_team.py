"""A good desk near one's team, and why it is good."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.rooms import availability, places, rules
from app.rooms.floor_choice import FloorQuery
from app.rooms.floor_scene import Scene
from app.rooms.places import FloorPlan
from app.rooms.plan_desks import desks_of
from app.rooms.rules import Spot
from app.texts import N_


def pick_for(session: Session, scene: Scene) -> tuple[FloorQuery, str]:
    """The query that shows the desk picked for the reader, and the reason in words; without a desk, why there is none.

    It looks on the floor where most of the team sit at that time, and on the one shown if they sit nowhere.
    """
    said = scene.said
    mates = desks_of(session, list(scene.team), scene.span)
    floor = _busiest(mates, scene.floor.id)
    free = _free(session, scene, floor)
    pick = rules.pick_near(free, [mate for mate in mates if mate.floor_id == floor])
    if pick is None and floor != scene.floor.id:
        floor = scene.floor.id
        pick = rules.pick_near(_free(session, scene, floor), [mate for mate in mates if mate.floor_id == floor])
    if pick is None:
        return replace(scene.query, desk=None), said.say(
            N_("Tidak ada meja kosong untuk Anda di lantai ini pada waktu itu.")
        )
    query = replace(
        scene.query, floor=floor, desk=pick.spot.id, wing="" if floor != scene.floor.id else scene.query.wing
    )
    query = replace(query, on=scene.on)
    if pick.mates_near:
        one = N_("Dipilihkan: {n} rekan tim duduk dalam jarak 3 meja.")
        return query, said.count(one, one, pick.mates_near)
    if any(mate.floor_id == floor for mate in mates):
        return query, said.say(N_("Dipilihkan: meja kosong yang paling dekat dengan tim Anda di lantai ini."))
    return query, said.say(N_("Dipilihkan: belum ada rekan tim yang memesan; meja ini di area unit Anda."))


def _busiest(mates: list[Spot], otherwise: int) -> int:
    floors = [mate.floor_id for mate in mates]
    return max(sorted(set(floors)), key=floors.count) if floors else otherwise


def _free(session: Session, scene: Scene, floor_id: int) -> list[Spot]:
    floor: FloorPlan = scene.floor if floor_id == scene.floor.id else places.floor_plan(session, floor_id)
    spaces = availability.of_floor(session, scene.actor, floor_id, scene.span, now=scene.now)
    free = {space.id for space in spaces if space.free}
    return [
        Spot(desk.id, floor_id, desk.x, desk.y, None, frozenset(desk.attributes))
        for desk in floor.desks
        if desk.id in free
    ]
