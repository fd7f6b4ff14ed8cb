"""Something to show in the templates of administering people."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[list[Sample]] = []
