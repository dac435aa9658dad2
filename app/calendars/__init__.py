"""Calendars as other programs read them: feeds to subscribe to, and what invitations are made of."""
