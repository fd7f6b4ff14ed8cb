"""Telling people: e-mail, SMS and messages inside, in the words of the municipality, by what they have chosen."""
