"""Invoices: gathered, checked, issued, credited, exported."""
