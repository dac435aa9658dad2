"""Which way the arrows point: from the web to services, from services to rules and tables, from folder to service."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APP = ROOT / "app"
FILES = sorted(path for path in APP.rglob("*.py") if "migrations" not in path.parts)
DOMAINS = ("people", "rooms", "scheduling", "meetings", "calendars", "mail", "presence")
PURE = (
    "rules",
    "spans",
    "working_time",
    "policies",
    "policy_kinds",
    "remedies",
    "coverage",
    "slots",
    "recurrence",
    "series_rules",
    "open_spans",
)
"""Files of decisions."""
OFFERED = {
    "people": {
        "service",
        "access",
        "visit",
        "rules",
        "cookies",
        "accounts",
        "sign_in",
        "repeats",
        "secrets",
        "delegation",
        "directory",
        "contacts",
        "agencies",
        "members",
        "units",
    },
    "rooms": {
        "service",
        "rules",
        "release",
        "plan_desks",
        "day_off_desks",
        "meeting_rooms",
        "room_list",
        "free_rooms",
        "sitting",
        "calendar_reading",
        "upset",
    },
    "meetings": {"service", "day_view", "calendar_reading", "summons"},
    "scheduling": {
        "service",
        "rules",
        "rulebook",
        "working_time",
        "availability",
        "planned_hours",
        "board",
        "calendar_reading",
    },
    "presence": {"choices", "references"},
    "calendars": {"entries", "meeting_entry", "writer", "sources", "cleaning", "fetching"},
}
"""What other folders may import of a folder. The wiring (main, the command, the demo) is free to take all."""
WIRING = {"main", "__main__", "serving", "demo", "upgrade", "tables"}


def imports(path):
    """Dotted names of our own modules that a file imports, wherever in it; names from ``from x import y`` as ``x.y``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: a relative import"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def place(path):
    """Folder and file without ending: ("rooms", "service"); what lies in app/ itself has the folder ""."""
    parts = path.relative_to(APP).with_suffix("").parts
    return (parts[0], parts[-1]) if len(parts) > 1 else ("", parts[0])


def modules(path):
    """Folder and file of the modules of ours that a file imports."""
    known = {place(file) for file in FILES}
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "app" or len(parts) < 2:
            continue
        for found in ((parts[1], parts[2]) if len(parts) > 2 else None, ("", parts[1])):
            if found in known:
                yield found
                break


def named(*stems):
    """Files of these names, or of names that end in them: ``week_pages`` is one of ``pages``."""
    return [path for path in FILES if path.stem in stems or path.stem.split("_")[-1] in stems]


def ids(path):
    return str(path.relative_to(APP))


@pytest.mark.parametrize("path", [path for path in FILES if path.stem in PURE and place(path)[0] != "demo"], ids=ids)
def test_decisions_know_neither_database_nor_web_nor_services(path):
    outside = {name.split(".")[0] for name in imports(path)}
    assert not outside & {"sqlalchemy", "litestar", "psycopg", "sqlite3", "asyncio", "jinja2"}
    assert {file for _, file in modules(path)} <= {"clock", "quarters", "shapes", "spans", *PURE}


@pytest.mark.parametrize("path", named("models"), ids=ids)
def test_tables_know_nothing_but_the_database(path):
    assert set(modules(path)) <= {("db", "__init__"), ("db", "base"), ("", "sites"), ("", "clock")}


@pytest.mark.parametrize("path", [path for path in FILES if place(path)[0] in DOMAINS], ids=ids)
def test_services_know_nothing_of_the_web(path):
    if path in named("controllers", "pages", "visit", "cookies", "live", "transport"):
        return
    assert not any(name.split(".")[0] in ("litestar", "jinja2", "uvicorn") for name in imports(path)), path
    assert not any(file in ("controllers", "pages") or folder == "web" for folder, file in modules(path))


@pytest.mark.parametrize("path", named("controllers"), ids=ids)
def test_controllers_translate_and_leave_tables_alone(path):
    assert not any(file in ("models", "pages") for _, file in modules(path))
    assert not any(name.startswith("sqlalchemy") for name in imports(path))


@pytest.mark.parametrize("path", named("pages"), ids=ids)
def test_pages_read_through_services_and_views(path):
    assert not any(file in ("models", "controllers") for _, file in modules(path))


@pytest.mark.parametrize(
    "path", [path for path in FILES if place(path)[0] not in WIRING and place(path)[1] not in WIRING], ids=ids
)
def test_folders_talk_through_what_they_offer(path):
    folder = place(path)[0]
    for other, file in modules(path):
        if other in DOMAINS and other != folder and file != "__init__":
            assert file in OFFERED[other], f"{path} imports {other}.{file}"


ORDER = ("people", "rooms", "scheduling", "meetings", "calendars", "mail", "presence")
"""Each folder may know those before it."""
UPWARDS = {
    ("people", "importing"): {"scheduling"},  # the names of unit kinds
    ("rooms", "house"): {"scheduling"},  # dated days off
    ("rooms", "today_view"): {"presence"},  # who hides their desk, and opaque references, on what is drawn
    ("rooms", "floor_view"): {"presence"},
    ("rooms", "floor_scene"): {"presence"},
    ("rooms", "floor_choice"): {"presence"},
    ("rooms", "pages"): {"meetings"},  # Hari ini names the meetings of the day
    ("scheduling", "week_pages"): {"meetings"},  # and the week those of the week
}
"""The files that look the other way, and at what."""


def test_folders_know_those_before_them_and_nothing_else_looks_up():
    found = {}
    for path in FILES:
        folder, file = place(path)
        if folder in ORDER:
            above = {other for other, _ in modules(path)} & set(ORDER[ORDER.index(folder) + 1 :])
            if above:
                found[folder, file] = above
    assert found == UPWARDS


@pytest.mark.parametrize("path", [path for path in FILES if place(path)[0] == "db"], ids=ids)
def test_the_database_knows_nothing_above_it(path):
    assert {folder for folder, _ in modules(path)} <= {"db"}


def test_what_all_share_depends_on_no_folder():
    for path in FILES:
        folder, file = place(path)
        if folder == "" and file not in WIRING | {"leases", "journal", "sites"}:
            assert not {other for other, _ in modules(path)} & {*DOMAINS, "web", "demo", "db"}, path


def test_nothing_imports_the_demo_but_the_command_that_fills_it():
    users = {place(path) for path in FILES if any(folder == "demo" for folder, _ in modules(path))}
    assert {folder or file for folder, file in users} <= {"demo", "__main__", "serving"}


def test_the_arrows_are_looked_at_in_every_file():
    assert len(FILES) > 40
    assert ("people", "service") in set(modules(APP / "rooms" / "service.py"))
