"""The command ``selaras``, also ``python -m app``."""

from __future__ import annotations

import argparse
import gc
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app import settings as setting
from app.settings import Settings

if TYPE_CHECKING:
    from app.db import Database


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0 for done, 1 for refused, 2 for a command that can't be read."""
    options = _parser().parse_args(arguments)
    try:
        settings = setting.read(os.environ)
    except msgspec.ValidationError as error:
        print(f"selaras: a setting can't be read: {error}", file=sys.stderr)
        return 2
    run: Callable[[argparse.Namespace, Settings], int] = options.run
    try:
        return run(options, settings)
    except _reasons() as error:
        print("selaras:", getattr(error, "orig", error), file=sys.stderr)
        return 1


def _reasons() -> tuple[type[Exception], ...]:
    """Of a command that can't be done: a database that isn't there, or stands elsewhere than this program. Looked up once
    there is an error: only then is loading them worth the time."""
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    from app.db.migrate import NotMigrated, TooNew  # noqa: PLC0415

    return OperationalError, NotMigrated, TooNew


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="selaras", description="Flexible work and shared offices: server and tools.")
    commands = parser.add_subparsers(required=True, metavar="command")
    serve = commands.add_parser("serve", help="bring the database up to date and serve")
    serve.add_argument("--demo", action="store_true", help="with demo data, if the database is empty")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=1)
    serve.set_defaults(run=_serve)
    migrate = commands.add_parser("migrate", help="bring the database up to date")
    migrate.set_defaults(run=_migrate)
    demo = commands.add_parser("demo", help="put demo data into an empty database")
    demo.add_argument("--full", action="store_true", help="12,000 people and two million bookings, for measurements")
    demo.set_defaults(run=_demo)
    imports = commands.add_parser("import", help="read places or people from a file")
    imports.add_argument("what", choices=("places", "people"))
    imports.add_argument("file", type=Path)
    imports.add_argument("--dry-run", action="store_true", help="check the file, write nothing")
    imports.set_defaults(run=_import)
    user = commands.add_parser("user", help="accounts: list, password, roles, lock, unlock, sign-out")
    user.add_argument("action", choices=("list", "password", "roles", "lock", "unlock", "sign-out"))
    user.add_argument("email", nargs="?", default="", help="the account; for list, a part of name or e-mail")
    user.add_argument("roles", nargs="*", help="for roles: all roles the account shall have")
    user.set_defaults(run=_user)
    agency = commands.add_parser("agency", help="agencies: list, share-names, hide-names")
    agency.add_argument("action", choices=("list", "share-names", "hide-names"))
    agency.add_argument("code", nargs="?", default="", help="the agency")
    agency.set_defaults(run=_agency)
    check = commands.add_parser("check", help="look for overlaps and for bookings that the journal does not explain")
    check.set_defaults(run=_check)
    return parser


@contextmanager
def _as_it_stands(settings: Settings) -> Iterator[Database]:
    """The database, for a command that brings nothing up to date."""
    from app.db import Database  # noqa: PLC0415
    from app.db.migrate import check_migrated  # noqa: PLC0415

    with Database(settings.database) as db:
        check_migrated(db)
        yield db


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    gc.disable()  # a start makes ten thousands of lasting objects: collecting among them costs a tenth of it
    from app import serving  # noqa: PLC0415 - each command loads what it needs

    return serving.serve(settings, host=options.host, port=options.port, workers=options.workers, demo=options.demo)


def _migrate(_: argparse.Namespace, settings: Settings) -> int:
    from app.db import Database  # noqa: PLC0415
    from app.db.migrate import HEAD  # noqa: PLC0415
    from app.upgrade import upgrade  # noqa: PLC0415

    with Database(settings.database) as db:
        print("migrated to" if upgrade(db) else "already at", HEAD)
    return 0


def _demo(options: argparse.Namespace, settings: Settings) -> int:
    from app.clock import now  # noqa: PLC0415
    from app.db import Database  # noqa: PLC0415
    from app.demo import world  # noqa: PLC0415
    from app.upgrade import upgrade  # noqa: PLC0415

    with Database(settings.database) as db:
        upgrade(db)
        if not world.is_empty(db):
            print(
                "selaras: there are people in this database already; demo data goes into an empty one", file=sys.stderr
            )
            return 1
        world.fill(db, settings, now=now(), full=options.full)
    print("demo accounts:", ", ".join(world.ACCOUNTS), "- password", world.PASSWORD)
    return 0


def _import(options: argparse.Namespace, settings: Settings) -> int:
    from app import sites  # noqa: PLC0415
    from app.clock import now  # noqa: PLC0415
    from app.db import Database  # noqa: PLC0415
    from app.db.migrate import check_migrated  # noqa: PLC0415
    from app.people import importing as people  # noqa: PLC0415
    from app.rooms import importing as places  # noqa: PLC0415
    from app.upgrade import upgrade  # noqa: PLC0415

    try:
        text = options.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        print(f"selaras: {options.file} can't be read: {error}", file=sys.stderr)
        return 1
    with Database(settings.database) as db:
        (check_migrated if options.dry_run else upgrade)(db)
        if options.what == "people":
            rows, unread = people.read_csv(text)
            if unread:
                return _report([(f"row {error.row}, {error.column}", error.problem) for error in unread])
            key = db.write_here(people.nip_key, settings.nip_key, keep=not options.dry_run)
            report = db.write_here(
                people.import_people,
                rows,
                sites=db.read_here(sites.site_ids),
                nip_key=key,
                now=now(),
                dry_run=options.dry_run,
            )
            print(f"people: {report.added} new, {report.changed} known")
            return _report([(f"row {error.row}, {error.column}", error.problem) for error in report.errors])
        try:
            document = json.loads(text)
        except ValueError as error:
            return _report([(str(options.file), f"is no JSON: {error}")])
        folder = options.file.parent
        found = db.write_here(
            places.import_places,
            document,
            drawing=lambda name: (folder / name).read_text(encoding="utf-8"),
            now=now(),
            dry_run=options.dry_run,
        )
        print(f"places: {found.floors} floors, {found.desks} desks, {found.rooms} rooms")
        print(f"retired: {found.retired} spaces, with {found.stranded} bookings still to come")
        return _report([(error.where, error.problem) for error in found.errors])


def _report(errors: list[tuple[str, str]]) -> int:
    for where, problem in errors:
        print(f"{where}: {problem}", file=sys.stderr)
    if errors:
        print(f"{len(errors)} errors; nothing was written", file=sys.stderr)
    return 1 if errors else 0


def _user(options: argparse.Namespace, settings: Settings) -> int:
    from app.clock import now  # noqa: PLC0415
    from app.errors import Refused  # noqa: PLC0415
    from app.people import accounts  # noqa: PLC0415
    from app.problems import detail  # noqa: PLC0415
    from app.texts import words  # noqa: PLC0415

    with _as_it_stands(settings) as db:
        try:
            if options.action == "list":
                for email, name, roles, active in db.read_here(accounts.list_accounts, options.email):
                    print(f"{email:45} {name:35} {roles}{'' if active else ' (locked)'}")
            elif options.action == "password":
                db.write_here(accounts.set_password, options.email, _new_password(), now=now())
            elif options.action == "roles":
                db.write_here(accounts.set_roles, options.email, options.roles, now=now())
            elif options.action == "sign-out":
                db.write_here(accounts.sign_out, options.email, now=now())
            else:
                db.write_here(accounts.set_active, options.email, options.action == "unlock", now=now())
        except Refused as refused:
            print("selaras:", detail(refused, words("en")), file=sys.stderr)
            return 1
    return 0


def _agency(options: argparse.Namespace, settings: Settings) -> int:
    from app.clock import now  # noqa: PLC0415
    from app.errors import NotFound  # noqa: PLC0415
    from app.people import agencies  # noqa: PLC0415

    with _as_it_stands(settings) as db:
        if options.action == "list":
            for code, name, shares in db.read_here(agencies.list_agencies):
                print(f"{code:12} {name}{' (shows names)' if shares else ''}")
            return 0
        try:
            db.write_here(agencies.set_sharing, options.code, options.action == "share-names", now=now())
        except NotFound:
            print(f"selaras: there is no agency {options.code!r}", file=sys.stderr)
            return 1
    return 0


def _new_password() -> str:
    """From the terminal twice, or one line of standard input; never from an argument, which others could read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("New password: ")
    if first != getpass.getpass("Again: "):
        print("selaras: the two are not equal", file=sys.stderr)
        raise SystemExit(1)
    return first


def _check(_: argparse.Namespace, settings: Settings) -> int:
    from app.rooms import audit  # noqa: PLC0415

    with _as_it_stands(settings) as db:
        found = db.read_here(audit.findings)
    for line in found:
        print(line)
    print("all is well" if not found else f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
