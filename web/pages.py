"""Pages that belong to no room: the way in, the languages, the colours, what we promise about accessibility."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from core.settings import Settings


def handlers(settings: Settings) -> Sequence[ControllerRouterHandler]:
    """All HTML routes of the program."""
    return []
