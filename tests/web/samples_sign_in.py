"""Something to show in the templates of signing in."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[list[Sample]] = []
