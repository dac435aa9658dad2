"""Demo data: published seat counts of real towers on invented floors, and invented people."""
