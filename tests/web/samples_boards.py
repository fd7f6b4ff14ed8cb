"""Something to show in the templates of boards, screens and lists of the day."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[tuple[Sample, ...]] = ()
