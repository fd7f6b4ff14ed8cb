"""Forms of the case as they are sent: fields, and files that hang on them."""

from litestar.datastructures import UploadFile

from core import files
from core.errors import Malformed
from core.files import Checked
from core.texts import N_
from people.desk import Desk

MOST_OF_A_FORM = 26_000_000
"""Bytes: five files of core.files.MOST_BYTES and the text beside them."""


async def sent_with_files(desk: Desk) -> tuple[dict[str, str], list[Checked]]:
    """The fields, and the files that were chosen. Raises Malformed, and Invalid for a file that is not let in."""
    await desk.request.body()  # kept, so that it can be read twice: one form is told from another by it
    try:
        form = await desk.request.form()
    except (UnicodeDecodeError, LookupError) as error:
        raise Malformed(field="body", expected=N_("text in UTF-8")) from error
    values = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    attached = [
        files.check_upload(value.filename, await value.read())
        for _, value in form.multi_items()
        if isinstance(value, UploadFile) and value.filename
    ]
    return values, attached
