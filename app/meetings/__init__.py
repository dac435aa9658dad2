"""Meetings of people in two cities, with a room at each site, held together or not at all."""
