"""Circulars of 2024 to 2026 as dated policies, and weeks to try them on."""

from datetime import date, timedelta

from app.scheduling.coverage import MostAway
from app.scheduling.national import DAYS_OFF
from app.scheduling.policies import AllowedModes, Excluded, FlexibleDays, OfficeDays, Policy, WeekdayMode
from app.scheduling.rules import Mode, PlannedDay, Planner, Segment, Week
from app.scheduling.working_time import DayKind

NUSANTARA, JAKARTA = 1, 2
AGENCY, BKN = 7, 8
ROOT, UNIT, TEAM = 1, 5, 9
OFF = {day.on: day.kind for day in DAYS_OFF}


def planner(**facts):
    usual = {
        "id": 1000, "agency_id": AGENCY, "unit_id": TEAM, "unit_lineage": f"/{ROOT}/{UNIT}/{TEAM}/", "unit_kind": "",
        "level": "pelaksana", "eligible": True, "site_id": NUSANTARA,
    }  # fmt: skip
    return Planner(**usual | facts)


def kind_of(on):
    return OFF.get(on, DayKind.WEEKEND if on.isoweekday() > 5 else DayKind.WORKING)


def office_day(on):
    """Half past seven until four, on Fridays until half past four; nothing on a day off."""
    if kind_of(on) is not DayKind.WORKING:
        return ()
    return (Segment(450, 990 if on.isoweekday() == 5 else 960, Mode.WFO, NUSANTARA),)


def breaks_of(monday):
    days = [monday + timedelta(days=n) for n in range(7)]
    return {on: (690, 780) if on.isoweekday() == 5 else (720, 780) for on in days}


def whole(on, mode, site_id=NUSANTARA, letter=""):
    return tuple(Segment(part.starts, part.ends, Mode(mode), site_id, letter) for part in office_day(on))


def week(monday, plan="", who=None):
    """A week from its modes, Monday first: "WFO WFH - WFA", where - is nothing planned; a day may be segments instead."""
    days = []
    wanted = dict(enumerate(plan.split() if isinstance(plan, str) else plan))
    for n in range(7):
        on = monday + timedelta(days=n)
        mode = wanted.get(n, "-")
        segments = mode if isinstance(mode, tuple) else () if mode == "-" else whole(on, mode)
        owed = 450 if kind_of(on) is DayKind.WORKING else 0
        days.append(PlannedDay(on, kind_of(on), owed, segments))
    return Week(who or planner(), tuple(days))


def policy(rule, basis="", since=date(2024, 1, 1), until=None, *, agency=None, unit=None, id=0):
    return Policy(id, basis, since, until, agency, unit, rule)


CAP = policy(FlexibleDays(2), "PermenPANRB 4/2025", date(2025, 4, 21), id=1)

SE_1_2024 = (
    policy(AllowedModes((Mode.WFO, Mode.WFH)), "SE PANRB 1/2024", date(2024, 4, 16), date(2024, 4, 17), id=11),
    policy(MostAway(50, (Mode.WFH,)), "SE PANRB 1/2024", date(2024, 4, 16), date(2024, 4, 17), id=12),
    policy(Excluded(("direct-service",)), "SE PANRB 1/2024", date(2024, 4, 16), date(2024, 4, 17), id=13),
)
SE_2_2025 = (
    policy(
        AllowedModes((Mode.WFO, Mode.WFH, Mode.WFA)), "SE PANRB 2/2025", date(2025, 3, 24), date(2025, 3, 27), id=21
    ),
)
SE_3_2025 = (policy(FlexibleDays(3), "SE PANRB 3/2025", date(2025, 4, 8), date(2025, 4, 8), id=31),)
B_531 = (policy(FlexibleDays(3), "B/531/M.KT.02/2025", date(2025, 12, 29), date(2025, 12, 31), id=41),)
SE_2_2026 = (
    policy(FlexibleDays(2), "SE PANRB 2/2026", date(2026, 3, 16), date(2026, 3, 17), id=51),
    policy(FlexibleDays(3), "SE PANRB 2/2026", date(2026, 3, 25), date(2026, 3, 27), id=52),
)
SE_3_2026 = (
    policy(WeekdayMode(5, Mode.WFH, required=True), "SE PANRB 3/2026", date(2026, 4, 1), date(2026, 7, 21), id=61),
    policy(
        Excluded(("direct-service",), (), (Mode.WFH,)), "SE PANRB 3/2026", date(2026, 4, 1), date(2026, 7, 21), id=62
    ),
)
BKN_2025 = (
    policy(FlexibleDays(2, (Mode.WFA,)), "Ketentuan BKN", date(2025, 2, 1), agency=BKN, id=71),
    policy(OfficeDays(3), "Ketentuan BKN", date(2025, 2, 1), agency=BKN, id=72),
)
CIMAHI = (
    policy(MostAway(75, (Mode.WFH,)), "Cimahi 2026", date(2026, 4, 1), agency=AGENCY, id=81),
    policy(
        Excluded((), ("jpt-pratama", "administrator"), (Mode.WFH,)),
        "Cimahi 2026",
        date(2026, 4, 1),
        agency=AGENCY,
        id=82,
    ),
)
BANTEN = (policy(MostAway(20), "Banten 2025", date(2025, 1, 1), agency=AGENCY, id=91),)

ALL = (CAP, *SE_1_2024, *SE_2_2025, *SE_3_2025, *B_531, *SE_2_2026, *SE_3_2026, *BKN_2025, *CIMAHI, *BANTEN)
