"""Something to show in the templates of telling people."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[tuple[Sample, ...]] = ()
