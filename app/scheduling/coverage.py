"""What the dated rules ask of a unit's presence: who has to be at which office, and who may be away at once.

A rule of a unit counts its people and all below it together. A rule of an agency or of everybody holds in each unit by
itself, among the unit's own people. Callers choose the rules of the right agency (``concerns``, ``rules_of_unit``) and
bring all the people whom those count. Who has no plan is at the office of their posting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from app.scheduling.policy_kinds import (
    CoverageRule,
    DecisionMaker,
    LeastOnSite,
    MostAway,
    NotTogether,
    Policy,
)
from app.scheduling.rules import Mode, Planner

__all__ = [
    "PARTS", "DecisionMaker", "LeastOnSite", "Mate", "Meter", "MostAway", "NotTogether", "Rule", "Shortfall", "SiteMeter",
    "concerns", "is_coverage", "meters", "rules_of_unit", "shortfalls", "worse",
]  # fmt: skip

Rule = CoverageRule
PARTS = ("am", "pm")
"""The parts of a day in which presence is counted: before and after the break."""

Place = tuple[int, date, str]
Presence = Mapping[Place, int | None]
"""The site of the office at which somebody is, or None away from all of them, by person, date and part."""
Modes = Mapping[Place, Mode]
Facts = dict[str, str | int | date]


class Mate(msgspec.Struct, frozen=True):
    """One of the people who are counted; ``site_id`` is the posting, ``unit_lineage`` "/1/5/9/" with the root first."""

    id: int
    name: str
    level: str
    duties: frozenset[str]
    unit_lineage: str
    site_id: int


class Shortfall(msgspec.Struct, frozen=True):
    """A demand that isn't met in a part of a date: ``have`` people count, ``need`` should. ``site_id`` is the site that it
    is about, None for any office; ``unit_id`` the unit in which a rule of an agency or of everybody was counted."""

    policy_id: int
    rule: str
    basis: str
    on: date
    part: str
    site_id: int | None
    have: int
    need: int
    facts: Facts
    unit_id: int | None = None

    @property
    def lacking(self) -> int:
        return self.need - self.have


class SiteMeter(msgspec.Struct, frozen=True):
    """People at one office, those posted there, and how many a rule for the site asks for."""

    site_id: int
    present: int
    total: int
    need: int


class Meter(msgspec.Struct, frozen=True):
    """Everybody's presence in a part of a date. ``need`` is what it takes at least to meet the rules about everybody; a duty or a
    decision maker may still be lacking (``shortfalls``)."""

    on: date
    part: str
    present: int
    total: int
    need: int
    sites: tuple[SiteMeter, ...]


# Which rules


def is_coverage(policy: Policy) -> bool:
    return isinstance(policy.rule, CoverageRule)


def concerns(policy: Policy, planner: Planner) -> bool:
    """Whether somebody's absence can break a coverage rule; whenever it holds, dates are another question."""
    if isinstance(policy.rule, NotTogether):
        return planner.id in policy.rule.people
    if isinstance(policy.rule, DecisionMaker) and planner.level not in policy.rule.levels:
        return False
    return is_coverage(policy) and policy.covers(planner)


def rules_of_unit(policies: Iterable[Policy], unit_lineage: str, agency_id: int) -> tuple[Policy, ...]:
    """Coverage rules that can be judged by the people of one unit and those below it: none of a unit above, whose demand
    others may meet."""
    above = [int(unit) for unit in unit_lineage.split("/") if unit][:-1]
    return tuple(
        policy
        for policy in policies
        if is_coverage(policy) and policy.agency_id in (None, agency_id) and policy.unit_id not in above
    )


# Counting


def shortfalls(
    policies: Iterable[Policy],
    mates: Sequence[Mate],
    presence: Presence,
    days: Iterable[date],
    modes: Modes | None = None,
) -> tuple[Shortfall, ...]:
    """Every demand that isn't met on these working days, by date, part and rule.

    ``modes`` says how those away work, where that is known: without it, whoever is away works from elsewhere, so that leave
    and travel count toward the most away as well.
    """
    counted = _counted(policies, mates)
    found = []
    for on in days:
        todays = [one for one in counted if one.policy.holds(on)]
        if not todays:
            continue
        for part in PARTS:
            places = _places(mates, presence, on, part)
            for one in todays:
                for demand in one.demands(on, part, places, modes or {}):
                    if demand.have < demand.need:
                        found.append(_shortfall(one, demand, on, part))
    return tuple(found)


def meters(
    policies: Iterable[Policy], mates: Sequence[Mate], presence: Presence, days: Iterable[date]
) -> tuple[Meter, ...]:
    """How many are present on these working days, part by part, against what the rules ask of everybody."""
    counted = [one for one in _counted(policies, mates) if _about_everybody(one.policy.rule)]
    posted = _tally(mate.site_id for mate in mates)
    found = []
    for on in days:
        todays = [one for one in counted if one.policy.holds(on)]
        for part in PARTS:
            places = _places(mates, presence, on, part)
            there = _tally(place for place in places if place is not None)
            need: dict[int | None, int] = {}
            for policy_id in dict.fromkeys(one.policy.id for one in todays):
                for site_id, asked in _asked([one for one in todays if one.policy.id == policy_id], on, part, places):
                    need[site_id] = max(need.get(site_id, 0), asked)
            sites = tuple(
                SiteMeter(site_id, there.get(site_id, 0), posted.get(site_id, 0), need.get(site_id, 0))
                for site_id in sorted({*posted, *there, *(site for site in need if site is not None)})
            )
            found.append(Meter(on, part, sum(there.values()), len(mates), need.get(None, 0), sites))
    return tuple(found)


def worse(before: Iterable[Shortfall], after: Iterable[Shortfall]) -> tuple[Shortfall, ...]:
    """The shortfalls that a change brings about or deepens."""
    lacked = {_same(one): one.lacking for one in before}
    return tuple(one for one in after if one.lacking > lacked.get(_same(one), 0))


def _same(one: Shortfall) -> tuple[int, date, str, int | None, int | None]:
    return one.policy_id, one.on, one.part, one.site_id, one.unit_id


class _Demand(msgspec.Struct):
    site_id: int | None
    have: int
    need: int
    facts: Facts


class _Counted(msgspec.Struct):
    """A rule with the people it counts, as places in the row of all; ``unit_id`` as in ``Shortfall``."""

    policy: Policy
    unit_id: int | None
    mates: Sequence[Mate]
    group: list[int]
    posted: list[int]

    def demands(self, on: date, part: str, places: Sequence[int | None], modes: Modes) -> Iterator[_Demand]:
        rule = self.policy.rule
        if isinstance(rule, LeastOnSite):
            if rule.part in ("day", part) and str(on.isoweekday()) in rule.weekdays:
                yield self._least(rule, places)
        elif isinstance(rule, MostAway):
            yield self._most_away(rule, on, part, places, modes)
        elif isinstance(rule, DecisionMaker):
            for site_id in rule.site_ids:
                yield _Demand(site_id, sum(places[n] == site_id for n in self.group), 1, {})
        elif isinstance(rule, NotTogether):
            away = [self.mates[n].name for n in self.group if places[n] is None]
            have, need = len(self.group) - len(away), len(self.group) - 1
            yield _Demand(None, have, need, {"names": ", ".join(sorted(away))})

    def _least(self, rule: LeastOnSite, places: Sequence[int | None]) -> _Demand:
        if rule.site_id is None:
            have = sum(places[n] is not None for n in self.group)
        else:
            have = sum(places[n] == rule.site_id for n in self.group)
        need = max(rule.count, -(-len(self.posted) * rule.percent // 100))
        return _Demand(rule.site_id, have, need, {"duty": rule.duty} if rule.duty else {})

    def _most_away(self, rule: MostAway, on: date, part: str, places: Sequence[int | None], modes: Modes) -> _Demand:
        at_other_office = Mode.OTHER_OFFICE in rule.modes
        from_elsewhere = any(mode is not Mode.OTHER_OFFICE for mode in rule.modes)
        away = 0
        for n in self.group:
            place, mate = places[n], self.mates[n]
            if place is None:
                mode = modes.get((mate.id, on, part)) if modes else None
                away += from_elsewhere if mode is None else mode in rule.modes
            elif place != mate.site_id:
                away += at_other_office
        most = len(self.group) * rule.percent // 100
        have, need = len(self.group) - away, len(self.group) - most
        return _Demand(None, have, need, {"away": away, "most": most, "percent": rule.percent})


def _counted(policies: Iterable[Policy], mates: Sequence[Mate]) -> list[_Counted]:
    """Each rule with its people; a rule that counts nobody here is left out."""
    units: dict[int | None, list[int]] = {}
    for n, mate in enumerate(mates):
        units.setdefault(int(mate.unit_lineage.strip("/").rpartition("/")[2] or 0), []).append(n)
    groups: dict[int | None, list[int]]
    found = []
    for policy in policies:
        if isinstance(policy.rule, NotTogether):
            groups = {None: [*range(len(mates))]}
        elif policy.unit_id is not None:
            within = f"/{policy.unit_id}/"
            groups = {None: [n for n, mate in enumerate(mates) if within in mate.unit_lineage]}
        else:
            groups = units
        for unit_id, everybody in groups.items():
            if everybody and is_coverage(policy):
                group = [n for n in everybody if _counts(policy.rule, mates[n])]
                site_id = getattr(policy.rule, "site_id", None)
                posted = group if site_id is None else [n for n in group if mates[n].site_id == site_id]
                found.append(_Counted(policy, unit_id, mates, group, posted))
    return found


def _counts(rule: object, mate: Mate) -> bool:
    if isinstance(rule, LeastOnSite):
        return not rule.duty or rule.duty in mate.duties
    if isinstance(rule, DecisionMaker):
        return mate.level in rule.levels
    return not isinstance(rule, NotTogether) or mate.id in rule.people


def _places(mates: Sequence[Mate], presence: Presence, on: date, part: str) -> list[int | None]:
    return [presence.get((mate.id, on, part), mate.site_id) for mate in mates]


def _shortfall(one: _Counted, demand: _Demand, on: date, part: str) -> Shortfall:
    policy = one.policy
    facts = {"have": demand.have, "need": demand.need, **demand.facts}
    return Shortfall(
        policy.id, policy.kind, policy.basis, on, part, demand.site_id, demand.have, demand.need, facts, one.unit_id
    )


def _about_everybody(rule: object) -> bool:
    return isinstance(rule, MostAway) or (isinstance(rule, LeastOnSite) and not rule.duty)


def _asked(
    counted: Iterable[_Counted], on: date, part: str, places: Sequence[int | None]
) -> Iterator[tuple[int | None, int]]:
    """What one rule asks of each site, or of all offices together; its units added up."""
    asked: dict[int | None, int] = {}
    for one in counted:
        for demand in one.demands(on, part, places, {}):
            asked[demand.site_id] = asked.get(demand.site_id, 0) + demand.need
    return iter(asked.items())


def _tally(sites: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for site_id in sites:
        found[site_id] = found.get(site_id, 0) + 1
    return found
