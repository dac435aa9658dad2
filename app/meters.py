"""Where all numbers for Prometheus are kept."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

registry = CollectorRegistry()
