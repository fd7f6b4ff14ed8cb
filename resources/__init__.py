"""Facilities, resources, units, opening hours and closures."""
