"""Selaras: flexible work and shared offices of the Indonesian government in IKN and Jakarta."""
