"""Persons, associations, roles and what each may do."""
