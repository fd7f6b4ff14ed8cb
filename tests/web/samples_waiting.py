"""Something to show in the templates of displacing, arrangements and the waiting list."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[tuple[Sample, ...]] = ()
