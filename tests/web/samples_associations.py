"""Something to show in the templates of associations."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[list[Sample]] = []
