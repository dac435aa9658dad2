"""Demo data: published seat counts of real towers on invented floors, and invented people.

``towers``, ``floors``, ``places`` and ``people`` make the files that a real office would import; ``seating`` decides who
sits where on a day, ``weeks`` who plans what; ``world``, with ``plans`` and ``policies``, puts it all into a database.
"""
