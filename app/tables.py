"""All tables there are. They refer to each other across folders, so all must be known before a statement is made of one."""

from app import journal, leases, notices, sites
from app.calendars import models as calendars
from app.mail import models as mail
from app.meetings import models as meetings
from app.people import models as people
from app.presence import models as presence
from app.presence import nodes
from app.rooms import models as rooms
from app.scheduling import models as scheduling

__all__ = [
    "calendars",
    "journal",
    "leases",
    "mail",
    "meetings",
    "nodes",
    "notices",
    "people",
    "presence",
    "rooms",
    "scheduling",
    "sites",
]
