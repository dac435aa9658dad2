"""A mail as it goes over the wire: plain text, HTML and, for a meeting, its calendar entry, as alternatives of one another.

RFC 5322 and 2045 for the mail, 6047 for the entry: its method is that of the part's ``method``, or Outlook refuses it. What
people have written stands in headers only after everything that isn't a printable character has gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

import msgspec

from app.calendars.cleaning import clean, one_line
from app.texts import Language

if TYPE_CHECKING:
    from email.headerregistry import Address

LONGEST_NAME, LONGEST_SUBJECT = 120, 200
_UNSAFE = re.compile(r"[\"\\<>@,;:()\[\]]")
"""in a display name: no mail program shall take a part of it for an address"""


class Unwritable(ValueError):  # noqa: N818 - named as what it says
    """There is no way to write to that address."""


class Party(msgspec.Struct, frozen=True):
    name: str
    email: str


class Paragraph(msgspec.Struct, frozen=True):
    """Something to tell: a sentence, perhaps a reason or basis below it, and where to look further, which may be empty."""

    text: str
    detail: str = ""
    href: str = ""


class Draft(msgspec.Struct, frozen=True):
    """All that a mail says, worded for its reader. ``facts`` are labels and values; ``button`` a label and an address.
    ``entry`` is a calendar with ``method`` as its method."""

    language: Language
    sender: Party
    to: Party
    subject: str
    greeting: str
    paragraphs: tuple[Paragraph, ...]
    footer: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    more: str = ""
    """what the button's label is for one paragraph's own ``href``"""
    button: tuple[str, str] | None = None
    reply_to: Party | None = None
    entry: bytes = b""
    method: str = ""


def message_id(random: str, sender: str) -> str:
    """<random@the sender's domain>"""
    return f"<{random}@{sender.rpartition('@')[2]}>"


def wire(draft: Draft, id: str, *, at: datetime) -> bytes:
    """The mail's bytes. ``at`` is its date, ``id`` its Message-ID, both the same however often it is sent.

    Raises Unwritable for an address that isn't one, or that only servers with SMTPUTF8 would take.
    """
    from email.message import EmailMessage  # noqa: PLC0415 - a start writes no mail
    from email.policy import SMTP  # noqa: PLC0415
    from email.utils import format_datetime  # noqa: PLC0415

    mail = EmailMessage(policy=SMTP)
    mail["From"] = address(draft.sender)
    mail["To"] = address(draft.to)
    if draft.reply_to is not None:
        mail["Reply-To"] = address(draft.reply_to)
    mail["Subject"] = _plain(draft.subject)[:LONGEST_SUBJECT]
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine replies
    mail["X-Auto-Response-Suppress"] = "All"  # Exchange asks for it by this name
    mail.set_content(text(draft), charset="utf-8", cte="quoted-printable")
    mail.add_alternative(html(draft), subtype="html", charset="utf-8", cte="quoted-printable")
    if draft.entry:
        method = {"method": draft.method}
        mail.add_alternative(draft.entry.decode(), subtype="calendar", charset="utf-8", cte="base64", params=method)
    mail["Content-Language"] = draft.language  # last: what began with Content- before moved into the first part
    return mail.as_bytes()


def address(party: Party) -> Address:
    """Raises Unwritable."""
    from email.headerregistry import Address  # noqa: PLC0415

    email = party.email.strip()
    local, _, domain = email.rpartition("@")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
        if not _EMAIL.fullmatch(f"{local}@{domain}"):
            raise Unwritable("no address")
        return Address(" ".join(_UNSAFE.sub(" ", _plain(party.name)).split())[:LONGEST_NAME], local, domain)
    except (UnicodeError, ValueError) as error:
        raise Unwritable("no address") from error


def _plain(text: str) -> str:
    """``text`` as a header may hold it: on one line, and without what looks like an encoded word (RFC 2047), which the standard
    library would decode, line ends and all."""
    return one_line(text).replace("=?", "= ?")


_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)


# Text


def text(draft: Draft) -> str:
    parts = [draft.greeting]
    for paragraph in draft.paragraphs:
        lines = (paragraph.text, paragraph.detail, paragraph.href)
        parts.append("\n".join(kept for line in lines if (kept := clean(line))))
    if draft.facts:
        parts.append("\n".join(f"{label}:{_indented(value)}" for label, value in draft.facts))
    if draft.button:
        parts.append(f"{draft.button[0]}: {draft.button[1]}")
    parts.append("-- \n" + "\n".join(draft.footer))
    return "\n\n".join(clean(part) if not part.startswith("-- ") else part for part in parts) + "\n"


def _indented(value: str) -> str:
    """A value behind its label, or below it if it has several lines."""
    lines = clean(value).split("\n")
    return f" {lines[0]}" if len(lines) == 1 else "".join(f"\n  {line}" for line in lines)


# HTML


_STYLE = {
    "body": "margin:0;padding:24px 16px;background:#f4f1ea;color:#1d2b27;font:16px/1.5 system-ui,sans-serif",
    "card": "max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-radius:12px",
    "label": "padding:4px 16px 4px 0;color:#52625d;text-align:left;vertical-align:top;font-weight:normal;white-space:nowrap",
    "value": "padding:4px 0;vertical-align:top",
    "button": "display:inline-block;padding:10px 18px;background:#0b5f50;color:#ffffff;border-radius:8px;text-decoration:none",
    "muted": "color:#52625d",
    "footer": "max-width:560px;margin:16px auto 0;color:#52625d;font-size:14px",
}
"""Mail programs read styles only where they stand in the element. Nothing is loaded from anywhere."""


def html(draft: Draft) -> str:
    inside = [_tag("p", draft.greeting)]
    for paragraph in draft.paragraphs:
        inside.append(_tag("p", paragraph.text))
        if paragraph.detail:
            inside.append(_tag("p", paragraph.detail, style="muted"))
        if paragraph.href:
            inside.append(f"<p>{_link(draft.more or paragraph.href, paragraph.href)}</p>")
    if draft.facts:
        inside.append(_table(draft.facts))
    if draft.button:
        inside.append(f"<p>{_link(*draft.button, style='button')}</p>")
    footer = "<br>".join(_linked(line) for line in draft.footer)
    return (
        f'<!doctype html>\n<html lang="{draft.language}">\n<head><meta charset="utf-8">'
        f'<meta name="color-scheme" content="light"><title>{_escaped(one_line(draft.subject))}</title></head>\n'
        f'<body style="{_STYLE["body"]}">\n<div style="{_STYLE["card"]}">\n'
        + "\n".join(inside)
        + f'\n</div>\n<p style="{_STYLE["footer"]}">{footer}</p>\n</body>\n</html>\n'
    )


def _escaped(value: str) -> str:
    return escape(clean(value)).replace("\n", "<br>\n")


def _tag(name: str, value: str, *, style: str = "") -> str:
    styled = f' style="{_STYLE[style]}"' if style else ""
    return f"<{name}{styled}>{_escaped(value)}</{name}>"


def _link(label: str, href: str, *, style: str = "") -> str:
    styled = f' style="{_STYLE[style]}"' if style else ""
    return f'<a href="{escape(one_line(href))}"{styled}>{_escaped(label)}</a>'


def _linked(line: str) -> str:
    """A line of our own whose address, at its end, can be followed."""
    before, _, last = line.rpartition(" ")
    return f"{_escaped(before)} {_link(last, last)}" if last.startswith(("https://", "http://")) else _escaped(line)


def _table(facts: Iterable[tuple[str, str]]) -> str:
    rows = []
    for label, value in facts:
        shown = _link(value, value) if re.match(r"https?://\S+$", value) else _escaped(value)
        rows.append(
            f'<tr><th scope="row" style="{_STYLE["label"]}">{_escaped(label)}</th>'
            f'<td style="{_STYLE["value"]}">{shown}</td></tr>'
        )
    return f"<table>\n{''.join(rows)}\n</table>"
