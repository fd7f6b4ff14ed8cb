"""Something to show in the templates of profile, tokens, logins, privacy."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[list[Sample]] = []
