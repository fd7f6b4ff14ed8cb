"""Something to show in the templates of CalDAV."""

from typing import Final

from tests.web.contexts import Sample

SAMPLES: Final[tuple[Sample, ...]] = ()
"""Each template with what its page may hold."""
