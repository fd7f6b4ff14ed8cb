"""API requests are read to the letter: what the API's own document does not allow is refused by name, never guessed at.

Litestar would read `"quantity": "2"` as a number, leave unknown members of the address aside and take the last of two.
"""

import re
from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException
from litestar.types import Empty

from core.errors import Invalid, NotFound, SignInNeeded
from core.misfit import KINDS, read_json
from core.tenants import Tenant
from core.texts import N_
from people.frame import login_cookie

MULTIPART = "multipart/form-data"
"""Forms with files: understood by those routes alone whose `opt` says `takes_files`."""
FORMS = {
    "integer": (re.compile(r"-?[0-9]{1,18}"), KINDS["int"]),
    "boolean": (re.compile(r"true|false"), KINDS["bool"]),
    "uuid": (re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), KINDS["uuid"]),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), KINDS["date"]),
}
"""How values are written in an address, by the type or format that the document gives."""


class LetterRequest(Request[Any, Any, Any]):
    """A request whose JSON is read straight as the type that its route asks for."""

    async def json(self) -> Any:
        """The body as the route's own type. Raises Invalid, Malformed, and 415 for what does not say it is JSON."""
        field = self.route_handler.parsed_data_field
        if field is None:
            return await super().json()
        if self._json is Empty:
            if self.content_type[0].lower() != "application/json":
                raise HTTPException(status_code=415)
            self._json = read_json(await self.body(), field.annotation)
        return self._json


async def check_request(request: Request[Any, Any, Any]) -> None:
    """Before anything is read: who asks where that is needed, then whether the address is one that is understood.

    Raises SignInNeeded, and Invalid for a parameter that the document does not know, that comes twice, or that is
    badly written.
    """
    route = (request.method, request.scope["path_template"])
    if route in request.app.state.for_people_only:
        _check_asker(request)
    if request.content_type[0] == MULTIPART and not request.route_handler.opt.get("takes_files"):
        raise HTTPException(status_code=415)
    known: dict[tuple[str, str], dict[str, Any]] = request.app.state.address_parameters
    if route in known and request.scope["query_string"]:
        _check_address(request, known[route])


def _check_asker(request: Request[Any, Any, Any]) -> None:
    """So that a stranger learns nothing of what would have been right. Who it is, is found out by the desk."""
    tenant: Tenant | None = request.scope["state"].get("tenant")
    if tenant is None:
        raise NotFound(what="municipality")
    if not request.headers.get("authorization") and not request.cookies.get(
        login_cookie(request, tenant.slug)
    ):
        raise SignInNeeded


def _check_address(request: Request[Any, Any, Any], parameters: dict[str, Any]) -> None:
    names: set[str] = set()
    for name, value in request.query_params.multi_items():
        schema = parameters.get(name)
        if schema is None:
            words = {"names": ", ".join(sorted(parameters))}
            raise Invalid(field=name[:100], expected=N_("one of the parameters %(names)s"), words=words)
        is_list = schema.get("type") == "array"
        if name in names and not is_list:
            raise Invalid(field=name, expected=N_("the parameter once"))
        names.add(name)
        _check_form(name, str(value), schema["items"] if is_list else schema)


def _check_form(name: str, value: str, schema: dict[str, Any]) -> None:
    form = FORMS.get(schema.get("format", schema.get("type", "")))
    if form is not None and not form[0].fullmatch(value):
        raise Invalid(field=name, expected=form[1])
    if "enum" in schema and value not in schema["enum"]:
        words = {"choices": ", ".join(schema["enum"])}
        raise Invalid(field=name, expected=N_("one of %(choices)s"), words=words)
