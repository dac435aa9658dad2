"""What the pages of meetings show: plain values, already worded for one reader, times with their zone's name."""

from __future__ import annotations

import msgspec

from app.meetings.people_form import Picker
from app.views import Notice


class Answer(msgspec.Struct, frozen=True):
    """A reply to choose; ``href`` where it needs more than a tap."""

    value: str
    label: str
    chosen: bool
    href: str = ""


class Line(msgspec.Struct, frozen=True):
    """A meeting in a list; ``answers`` are empty where there is nothing to reply."""

    id: int
    title: str
    href: str
    hours: str
    rooms: tuple[str, ...]
    link: str
    organiser: str
    state: str
    answers: tuple[Answer, ...]
    cancelled: bool
    mine: bool
    now: bool


class DayOf(msgspec.Struct, frozen=True):
    label: str
    lines: tuple[Line, ...]


class Part(msgspec.Struct, frozen=True):
    """A part of the list: today, the rest of the week, what comes after."""

    key: str
    label: str
    days: tuple[DayOf, ...]


class Task(msgspec.Struct, frozen=True):
    """A follow-up; ``action`` is where it is ticked off or opened again, empty for who may not."""

    id: int
    task: str
    due: str
    late: bool
    done: bool
    owner: str
    action: str
    meeting: str = ""
    href: str = ""


class MeetingsPage(msgspec.Struct, frozen=True):
    parts: tuple[Part, ...]
    tasks: tuple[Task, ...]
    past: bool
    notice: Notice | None


class RoomLine(msgspec.Struct, frozen=True):
    site: str
    name: str
    seats: int
    state: str
    tone: str


class Person(msgspec.Struct, frozen=True):
    """An attendee; ``part`` says who comes for whom, ``conflict`` that they have something else then."""

    name: str
    initials: str
    unit: str
    reply: str
    tone: str
    optional: bool
    part: str
    remark: str
    conflict: str


class SitePeople(msgspec.Struct, frozen=True):
    site: str
    tally: str
    people: tuple[Person, ...]


class Choice(msgspec.Struct, frozen=True):
    value: str
    label: str
    chosen: bool = False


class ReplyForm(msgspec.Struct, frozen=True):
    """``open`` shows the part for a stand-in; ``found`` are those who may be sent."""

    answers: tuple[Answer, ...]
    remark: str
    organiser: bool
    open: bool
    q: str
    found: tuple[Choice, ...]
    error: str


class TaskForm(msgspec.Struct, frozen=True):
    task: str
    due_on: str
    owners: tuple[Choice, ...]
    errors: dict[str, str]


class MeetingPage(msgspec.Struct, frozen=True):
    id: int
    version: int
    title: str
    when: str
    length: str
    host: str
    organiser: str
    letter: str
    link: str
    agenda: str
    cancelled: bool
    over: bool
    rooms: tuple[RoomLine, ...]
    sites: tuple[SitePeople, ...]
    guests: tuple[tuple[str, str], ...]
    notes: str
    tasks: tuple[Task, ...]
    may_change: bool
    find_href: str
    reply: ReplyForm | None
    task_form: TaskForm
    notice: Notice | None


class CancelPage(msgspec.Struct, frozen=True):
    """What calling a meeting off takes from others."""

    id: int
    version: int
    title: str
    when: str
    losses: tuple[str, ...]
    notice: Notice | None


class SiteRooms(msgspec.Struct, frozen=True):
    """The rooms of a site to choose from; ``error`` says why the chosen one can't be had."""

    site_id: int
    site: str
    options: tuple[Choice, ...]
    error: str


class PlanPage(msgspec.Struct, frozen=True):
    """The form of a new meeting, or of a change of one. ``ways`` are buttons that try again with another room."""

    action: str
    meeting_id: int
    version: int
    values: dict[str, str]
    errors: dict[str, str]
    zone: str
    beside: str
    hosts: tuple[Choice, ...]
    rooms: tuple[SiteRooms, ...]
    picker: Picker
    ways: tuple[Choice, ...]
    find_href: str
    notice: Notice | None
