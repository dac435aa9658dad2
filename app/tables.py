"""All tables there are. They refer to each other across folders, so all must be known before a statement is made of one."""

from app import journal, leases, notices, sites
from app.meetings import models as meetings
from app.people import models as people
from app.presence import nodes as presence
from app.rooms import models as rooms
from app.scheduling import models as scheduling

__all__ = ["journal", "leases", "meetings", "notices", "people", "presence", "rooms", "scheduling", "sites"]
