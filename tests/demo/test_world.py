"""The demo is an office one could work in: true numbers, furniture that fits, people with one superior each."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import msgspec
import pytest

from app.demo.floors import Box, Seat, floor_plan
from app.demo.people import AGENCIES, COLUMNS, FEW_AGENCIES, people
from app.demo.places import SHARED_FLOOR, places
from app.demo.towers import JAKARTA_OFFICES, NUSANTARA, TOWERS, seats_by_level
from app.rooms.plans import DESK_DEPTH, DESK_WIDTH, Plan
from app.rooms.svg_plans import DESK_ATTRIBUTES, ROOM_ATTRIBUTES
from app.scheduling.rules import LEVELS

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def whole():
    return places(TODAY)


@pytest.fixture(scope="module")
def small():
    return places(TODAY, small=True)


@pytest.fixture(scope="module")
def crowd():
    return people(TODAY)


# Towers


def test_the_towers_have_the_published_seats():
    by_complex = defaultdict(list)
    for tower in NUSANTARA:
        by_complex[tower.code.rpartition("-")[0]].append(tower.seats)
    assert by_complex == {
        "IKN-K1": [478, 147, 246, 397],
        "IKN-K3": [536, 203, 216, 420],
        "IKN-K4": [386, 190, 386, 270],
        "IKN-SN": [2328, 1954, 1290],
    }
    assert sum(tower.seats for tower in NUSANTARA) == 9_465 - 18
    assert sum(tower.seats for tower in JAKARTA_OFFICES) == 420


@pytest.mark.parametrize("tower", TOWERS, ids=lambda tower: tower.code)
def test_every_seat_of_a_tower_is_on_one_of_its_floors(tower, whole):
    drawn = [floor for floor in whole["floors"] if floor["building"] == tower.code]
    assert [floor["level"] for floor in drawn] == list(range(1, tower.floors + 1))
    assert sum(len(floor["desks"]) for floor in drawn) == tower.seats == sum(seats_by_level(tower).values())


# Floors


def box(thing):
    return Box(thing["x"], thing["y"], thing["width"], thing["height"])


def seat_box(desk):
    return Seat(desk["x"], desk["y"], desk["chair"], end=False).box


def overlap(one, other):
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def inside(inner, outer):
    return outer.x <= inner.x and inner.right <= outer.right and outer.y <= inner.y and inner.bottom <= outer.bottom


def check_floor(floor, seats):
    """What must hold on any floor that the demo draws."""
    plan = msgspec.convert(floor["plan"], Plan)
    areas = {area["code"]: box(area) for area in floor["areas"]}
    rooms = [box(room) for room in floor["rooms"]]
    core = [box(part) for part in floor["plan"]["core"]]
    desks = floor["desks"]
    assert len(desks) == seats
    assert len({desk["code"] for desk in desks} | {room["code"] for room in floor["rooms"]}) == seats + len(rooms)
    slab = Box(20, 20, plan.width - 40, plan.height - 40)
    for desk in desks:
        place = seat_box(desk)
        assert inside(place, areas[desk["area"]]), desk
        assert desk["code"].startswith(desk["area"] + "-")
        assert set(desk["attributes"]) <= DESK_ATTRIBUTES
    solid = [*areas.values(), *rooms, *core]
    assert all(inside(place, slab) for place in solid)
    assert not any(overlap(one, other) for one, other in combinations(solid, 2))
    assert not any(overlap(one, other) for one, other in combinations(map(seat_box, desks), 2))
    for room in floor["rooms"]:
        assert room["bookable"] == (room["seats"] > 0)
        assert set(room["attributes"]) <= ROOM_ATTRIBUTES
    for points in (*plan.walls, *plan.doors, *plan.windows, plan.outline):
        assert all(0 <= x <= plan.width and 0 <= y <= plan.height for x, y in points)
    for piece in plan.decor:
        spot = Box(piece.x - 12, piece.y - 12, 24, 24)
        assert not any(overlap(spot, seat_box(desk)) for desk in desks), piece
        assert not any(overlap(spot, part) for part in (*core, *rooms)), piece


@pytest.mark.parametrize("shape", range(8))
@pytest.mark.parametrize("seats", [8, 24, 25, 31, 44, 45, 60, 61, 76, 77, 120, 121, 152, 153, 168, 169, 200, 216])
def test_a_floor_of_any_size_and_shape_fits(seats, shape):
    check_floor(floor_plan(seats, shape=shape, seed=seats), seats)


@pytest.mark.parametrize("seats", [0, 7, 217])
def test_a_floor_that_can_not_be_drawn_is_refused(seats):
    with pytest.raises(ValueError, match="a floor has at"):
        floor_plan(seats)


def test_up_to_150_desks_fit_a_plan_1200_wide_and_more_make_it_wider_with_more_areas():
    for seats in (24, 90, 130, 150):
        floor = floor_plan(seats)
        assert floor["plan"]["width"] == 1200
        assert [area["code"] for area in floor["areas"]] == ["A", "B", "C"]
        assert [area["name"] for area in floor["areas"]] == ["Sayap barat", "Tengah", "Sayap timur"]
    assert len(floor_plan(194, shape=0)["areas"]) == 5
    assert len(floor_plan(194, shape=1)["areas"]) == 4


def test_areas_are_lettered_from_west_to_east_in_every_shape():
    for shape in range(8):
        areas = floor_plan(100, shape=shape)["areas"]
        assert [area["x"] for area in areas] == sorted(area["x"] for area in areas)


def test_the_same_seed_gives_the_same_floor_and_another_seed_another():
    assert floor_plan(90, shape=1, seed=3) == floor_plan(90, shape=1, seed=3)
    one, other = floor_plan(90, seed=3), floor_plan(90, seed=4)
    assert {room["name"] for room in one["rooms"]} != {room["name"] for room in other["rooms"]}
    assert one["plan"]["core"] == other["plan"]["core"]


def test_benches_face_each_other_with_touch_targets_apart():
    for desk, other in combinations(floor_plan(152)["desks"], 2):
        assert abs(desk["x"] - other["x"]) >= 42 or abs(desk["y"] - other["y"]) >= DESK_DEPTH + 8
    assert DESK_WIDTH < 42


def test_attributes_are_spread_as_an_office_would(whole):
    desks = [desk for floor in whole["floors"] for desk in floor["desks"]]
    has = Counter(word for desk in desks for word in desk["attributes"])
    assert 0.57 < has["monitor"] / len(desks) < 0.63
    assert 0.13 < has["standing"] / len(desks) < 0.17
    for floor in whole["floors"]:
        words = [(desk["area"], set(desk["attributes"])) for desk in floor["desks"]]
        assert len({area for area, said in words if "quiet" in said}) == 1
        assert 2 <= sum("accessible" in said for _, said in words) <= 8


# Places


def test_every_floor_of_the_demo_fits(whole):
    assert len(whole["floors"]) == 113
    for floor in whole["floors"]:
        plan = {key: floor[key] for key in ("plan", "areas", "desks", "rooms")}
        check_floor(plan, len(floor["desks"]))
        assert 24 <= len(floor["desks"]) <= 200


def test_codes_are_unique_and_everything_refers_to_something(whole, small):
    for document in (whole, small):
        assert document["format"] == "selaras-places/1"
        keys = {
            kind: {thing["code"] for thing in document[kind]} for kind in ("agencies", "sites", "buildings", "floors")
        }
        assert all(len(keys[kind]) == len(document[kind]) for kind in keys)
        areas = {(floor["code"], area["code"]) for floor in document["floors"] for area in floor["areas"]}
        spaces = {
            (floor["code"], space["code"]) for floor in document["floors"] for space in floor["desks"] + floor["rooms"]
        }
        assert {building["site"] for building in document["buildings"]} == keys["sites"]
        assert {floor["building"] for floor in document["floors"]} == keys["buildings"]
        assert {(row["floor"], row["area"]) for row in document["allotments"]} <= areas
        assert {row["agency"] for row in document["allotments"]} <= keys["agencies"]
        assert {(row["floor"], row["space"]) for row in document["closures"]} <= spaces
        assert {row["floor"] for row in document["rules"] if "floor" in row} <= keys["floors"]
        assert {row["agency"] for row in document["rules"] if "agency" in row} <= keys["agencies"]
        assert msgspec.json.decode(msgspec.json.encode(document))["floors"][0]["code"] == document["floors"][0]["code"]


def test_the_small_demo_has_two_floors_in_nusantara_and_one_in_jakarta(small):
    assert [floor["code"] for floor in small["floors"]] == ["IKN-K3-A-03", "IKN-K3-A-04", "JKT-PST-01"]
    assert sum(len(floor["desks"]) for floor in small["floors"]) == 258


def test_three_agencies_share_a_floor_and_some_areas_are_open_to_all(whole):
    allotted = defaultdict(set)
    for row in whole["allotments"]:
        allotted[row["floor"]].add(row["agency"])
    assert len(allotted[SHARED_FLOOR]) == 3
    held = {(row["floor"], row["area"]) for row in whole["allotments"]}
    assert len(held) == len(whole["allotments"])
    assert any((floor["code"], "B") not in held for floor in whole["floors"])
    assert {agency.code for agency in FEW_AGENCIES} == {row["agency"] for row in whole["allotments"]}


def test_all_agencies_can_share_the_floors():
    held = {row["agency"] for row in places(TODAY, agencies=AGENCIES)["allotments"]}
    assert len(AGENCIES) == 38
    assert len(held) >= 36


def test_the_working_week_adds_up_to_what_the_decree_says(whole):
    """37 hours 30 minutes, in Ramadan 32 hours 30 minutes, breaks not counted: Perpres 21/2023 article 4."""

    def clock(row, key):
        return int(row[key][:2]) * 60 + int(row[key][3:])

    def minutes(row):
        return clock(row, "day_ends") - clock(row, "day_starts") - clock(row, "break_ends") + clock(row, "break_starts")

    rules = whole["rules"]
    for starts, expected in (("2026-01-01", 2250), ("2026-02-19", 1950), ("2027-02-08", 1950)):
        daily, friday = [row for row in rules if row["from"] == starts and "day_ends" in row]
        assert 4 * minutes(daily) + minutes(daily | friday) == expected
        assert friday["weekday"] == 5
    assert all(row["basis"] for row in rules)


@pytest.mark.parametrize("today", [TODAY, date(2026, 11, 26), date(2026, 11, 27), date(2027, 1, 1), date(2028, 2, 29)])
def test_closures_lie_around_today_by_the_clock_there(today):
    offsets = {"IKN": ZoneInfo("Asia/Makassar"), "JKT": ZoneInfo("Asia/Jakarta")}
    closures = places(today, small=True)["closures"]
    assert 2 <= len(closures) <= 3
    for row in closures:
        starts, ends = (datetime.fromisoformat(row[key]) for key in ("starts_at", "ends_at"))
        assert starts.utcoffset() == starts.astimezone(offsets[row["floor"][:3]]).utcoffset()
        assert starts < ends
        assert abs(starts.date() - today) <= timedelta(days=4)
    assert starts.weekday() < 5


# People


def test_people_are_as_many_as_asked_in_the_import_s_columns(crowd):
    assert len(crowd) == 320
    assert all(tuple(row) == COLUMNS for row in crowd)
    assert {row["agency"] for row in crowd} == {agency.code for agency in FEW_AGENCIES}
    assert crowd == people(TODAY)


def test_the_five_accounts_are_there(crowd):
    by_email = {row["email"].removesuffix("@selaras.test"): row for row in crowd}
    officer, head = by_email["pegawai"], by_email["atasan"]
    assert (officer["name"], officer["site"], officer["superior"]) == ("Siti Rahma", "IKN", head["email"])
    assert (head["unit"], head["site"], head["roles"]) == (officer["unit"], "IKN", "head-of-unit")
    assert by_email["ruang"]["roles"] == "room-keeper"
    assert by_email["kepegawaian"]["roles"] == "hr-officer"
    assert by_email["admin"]["roles"] == "agency-admin operator"
    assert len({by_email[who]["agency"] for who in ("pegawai", "atasan", "ruang", "kepegawaian", "admin")}) == 1
    unit = [row for row in crowd if row["unit"] == officer["unit"] and row["agency"] == officer["agency"]]
    assert 8 <= len(unit) <= 12
    assert {row["site"] for row in unit} == {"IKN", "JKT"}


@pytest.mark.parametrize("count", [24, 48, 320, 1000, 1001, 12_000])
def test_superiors_form_a_tree_with_one_top_in_each_agency(count):
    rows = people(TODAY, count)
    assert len(rows) == count
    above = {}
    agency_of = {row["email"]: row["agency"] for row in rows}
    for row in rows:
        assert not row["superior"] or row["superior"] in above, "superiors come first, so there is no way back up"
        assert not row["superior"] or agency_of[row["superior"]] == row["agency"]
        above[row["email"]] = row["superior"]
    tops = [row["agency"] for row in rows if not row["superior"]]
    assert len(tops) == len(set(tops)) == len({row["agency"] for row in rows})
    heads = Counter((row["agency"], row["unit"]) for row in rows if "head-of-unit" in row["roles"].split())
    assert set(heads.values()) == {1}
    assert set(heads) == {(row["agency"], row["unit"]) for row in rows}


def test_positions_fit_their_titles_and_each_unit_leads_in_both_cities(crowd):
    levels = {(row["title"].split()[0], row["level"]) for row in crowd}
    assert {("Deputi", "jpt-madya"), ("Direktur", "jpt-pratama"), ("Perencana", "fungsional")} <= levels
    assert {row["level"] for row in crowd} == set(LEVELS) - {"jpt-utama"}
    units = {row["unit"] for row in crowd if row["agency"] == "BAPPENAS" and "Direktorat" in row["unit"]}
    for unit in units:
        leading = {
            row["site"] for row in crowd if row["unit"] == unit and row["level"] in ("jpt-pratama", "administrator")
        }
        assert leading == {"IKN", "JKT"}


def test_some_serve_at_a_counter_and_some_are_too_new(crowd):
    serving = [row for row in crowd if row["unit_kind"] == "direct-service"]
    assert len({row["unit"] for row in serving}) == 1
    assert sum("loket" in row["duties"].split() for row in serving) == len(serving) - 1
    new = [row for row in crowd if row["eligible"] == "no"]
    assert [row["agency"] for row in new] == ["BAPPENAS", "KEMENKEU", "LAN"]
    assert all(row["title"].startswith("Calon ") for row in new)


def check_nip(nip, today):
    assert len(nip) == 18
    assert nip.isdecimal()
    born, month = date.fromisoformat(f"{nip[:4]}-{nip[4:6]}-{nip[6:8]}"), int(nip[12:14])
    assert 1 <= month <= 12 or month == 21
    assert 17 <= int(nip[8:12]) - born.year <= 60
    assert int(nip[8:12]) <= today.year
    assert nip[14] in "12"
    assert nip[15:] != "000"


def test_twelve_thousand_people_are_made_and_nobody_is_somebody_else():
    rows = people(TODAY, 12_000)
    assert len({row["agency"] for row in rows}) == 38
    for column in ("email", "nip"):
        assert len({row[column] for row in rows}) == 12_000
    for row in rows:
        check_nip(row["nip"], TODAY)
        assert row["nip"][15] == "9"
        assert row["nip"][6:8] == "01"
        assert row["email"].endswith("@selaras.test")
        assert row["email"].isascii()
    sizes = Counter((row["agency"], row["unit"]) for row in rows)
    assert max(sizes.values()) <= 12


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="at least 24"):
        people(TODAY, 23)
