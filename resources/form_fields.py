"""What was sent in a form of the room's pages, and a form whose rows come and go."""

from collections.abc import Mapping

from core.errors import Invalid
from core.texts import N_
from people.desk import Desk


async def sent(desk: Desk) -> dict[str, str]:
    """The fields of the form that was posted, without spaces around."""
    form = await desk.request.form()
    return {name: value.strip() for name, value in form.items() if isinstance(value, str)}


def version_of(values: Mapping[str, str]) -> int:
    """The version that the form was made of. Raises Invalid."""
    version = values.get("version", "")
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        raise Invalid(field="version", expected=N_("the number that the form came with"))
    return int(version)


class Blank(dict[str, str]):
    """A form whose fields are empty until they are filled in."""

    def __missing__(self, key: str) -> str:
        return ""
