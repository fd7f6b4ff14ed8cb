"""Something to show in the templates of policies, terms, questions and repeats."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[tuple[Sample, ...]] = ()
