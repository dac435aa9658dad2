"""Whether those who look may still do so. Changes of people are followed at once, all credentials are looked up in turn."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from app.clock import Clock
from app.errors import Refused, SignInNeeded
from app.journal import Change
from app.people import access
from app.people.access import Actor, Credential
from app.presence.channels import Channel, Source
from app.presence.hub import Hub, Viewer
from app.presence.together import BATCH, Together
from app.presence.wire import Close

log = logging.getLogger("selaras.presence")

ROUND_S = 5
"""Within so many seconds each credential is looked up once."""
AT_MOST = 500
"""But no more of them a second: 12,000 take half a minute."""
HARMLESS = frozenset({"signed-in", "preferred"})
"""What people do that changes nobody's rights."""
ABOUT_ALL = frozenset({"people", "agency", "delegation"})
"""Subjects of changes after which anybody's rights may be other ones."""


class Rights:
    def __init__(self, together: Together, source: Source, clock: Clock, renew: Callable[[Channel], None]) -> None:
        """``renew`` has the rows of a channel read anew."""
        self._together, self._source, self._clock, self._renew = together, source, clock, renew
        self.hub: Hub
        self._of_person: defaultdict[int, set[Viewer]] = defaultdict(set)
        self._doubtful: dict[Viewer, None] = {}
        self._round: dict[Viewer, None] = {}
        self._wake = asyncio.Event()

    def enter(self, viewer: Viewer) -> None:
        self._of_person[viewer.person_id].add(viewer)

    def exit(self, viewer: Viewer) -> None:
        viewers = self._of_person[viewer.person_id]
        viewers.discard(viewer)
        if not viewers:
            del self._of_person[viewer.person_id]
        self._doubtful.pop(viewer, None)
        self._round.pop(viewer, None)  # else they would be kept until their turn, with all that hangs on them

    def changed(self, changes: Sequence[Change]) -> None:
        """Doubt whom these changes may concern."""
        for change in changes:
            if change.subject == "person" and change.verb not in HARMLESS:
                self.doubt(self._of_person.get(change.subject_id, ()))
            elif change.subject in ABOUT_ALL:
                self.doubt(self.hub.viewers)
            elif change.subject == "token" and change.verb == "revoked":
                self.doubt([viewer for viewer in self.hub.viewers if viewer.credential.kind == "token"])

    def doubt(self, viewers: Sequence[Viewer] | set[Viewer]) -> None:
        if viewers:
            self._doubtful.update(dict.fromkeys(viewers))
            self._wake.set()

    async def keep_checking(self) -> None:
        """Check those in doubt, in small batches, as they come."""
        while True:
            await self._wake.wait()
            batch = list(self._doubtful)[:BATCH]
            for viewer in batch:
                del self._doubtful[viewer]
            if not self._doubtful:
                self._wake.clear()
            await asyncio.gather(*(self._check(viewer) for viewer in batch))

    async def _check(self, viewer: Viewer) -> None:
        before = {scope: topic.channel for scope, topic in viewer.scopes.items()}
        try:
            found = await self._together.read(self.question(viewer.credential, list(before)))
        except SignInNeeded:
            viewer.leave(Close.SESSION_ENDED)
            return
        except Exception:
            log.exception("rights could not be looked up; tried again")
            await asyncio.sleep(1)
            if viewer in self.hub.viewers:
                self.doubt([viewer])
            return
        for scope, channel in before.items():
            topic = viewer.scopes.get(scope)
            if topic is None or topic.channel != channel:  # left, or asked for again, meanwhile
                continue
            answer = found[1][scope]
            if isinstance(answer, str):
                self.hub.drop(viewer, scope, answer)
            elif answer != channel:
                self.hub.subscribe(viewer, answer)
            else:  # by the same name they may see other things of it than when its rows were read
                self._renew(channel)

    def question(
        self, credential: Credential, scopes: list[str]
    ) -> Callable[[Session], tuple[Actor, dict[str, Channel | str]]]:
        """Who asks, and the channel of each scope or the code of its refusal. Raises SignInNeeded when asked."""
        now = self._clock()
        return lambda session: _admitted(session, self._source, credential, scopes, now=now)

    async def second(self) -> None:
        """Look up the next credentials of the round. Once a second."""
        if not self._round:
            self._round = dict.fromkeys(self.hub.viewers)
        count = min(AT_MOST, -(-len(self.hub.viewers) // ROUND_S))
        some = list(islice(self._round, count))
        for viewer in some:
            del self._round[viewer]
        if some:
            now, credentials = self._clock(), {viewer.credential for viewer in some}
            living = await self._together.read(lambda session: access.living(session, credentials, now=now))
            self.doubt([viewer for viewer in some if viewer.credential.digest not in living])


def _admitted(
    session: Session, source: Source, credential: Credential, scopes: list[str], *, now: datetime
) -> tuple[Actor, dict[str, Channel | str]]:
    actor = access.actor_for(session, credential, now=now)
    found: dict[str, Channel | str] = {}
    for scope in scopes:
        try:
            found[scope] = source.admit(session, actor, scope, now=now)
        except Refused as refused:
            found[scope] = refused.code
    return actor, found
