"""Agencies, units, people and their roles; sign-in, sessions, tokens: who asks."""
