"""Measurements against limits that are taken in the same run: ``python -m bench``."""
