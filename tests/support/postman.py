"""A process of the tests that sends what is due, and says how many it sent. Without the lease two of them race for each mail."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime

from app import tables  # noqa: F401 - a statement about one table needs those it refers to
from app.db import Database
from app.leases import Runner
from app.mail import delivery
from app.settings import Settings
from tests.support.mailbox import Post


async def work(db: Database, settings: Settings, at: datetime, *, lease: bool) -> int:
    errand = delivery.errand(db, settings)
    if lease:
        runner = Runner(db, (), lambda: at)
        return await runner.run(errand) or 0
    total = 0
    while done := await errand.run(clock=lambda: at):
        total += done
        await asyncio.sleep(0)  # the other one's turn
    return total


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--smtp", required=True)
    parser.add_argument("--at", type=datetime.fromisoformat, required=True)
    parser.add_argument("--lease", choices=("with", "without"), required=True)
    options = parser.parse_args()
    settings = Settings(database=options.database, smtp=options.smtp, mail_from=Post.SENDERS)
    with Database(options.database) as db:
        print(asyncio.run(work(db, settings, options.at, lease=options.lease == "with")))


if __name__ == "__main__":
    main()
