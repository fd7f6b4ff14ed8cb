"""Arrangements: public events, which may displace what lies under them, and replacement times for what is displaced."""
