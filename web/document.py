"""The API's own document (OpenAPI 3.1): what Litestar knows of the routes, made exact.

Bodies and answers are described by msgspec itself, which also reads them, so that the document and the program cannot
disagree. What every route shares is added here once: how one signs in, the headers it understands, the problems it may
answer. docs/openapi.json is a copy that a test compares, so that no change of the API goes unseen.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.router import Router
from litestar.types import ControllerRouterHandler

from core.texts import LANGUAGES
from people.answers import ANYBODY, Problem

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
REF = "#/components/schemas/{name}"

LANG: Json = {
    "name": "lang",
    "in": "query",
    "description": "Language of texts in the answer; else Accept-Language decides.",
    "schema": {"type": "string", "enum": list(LANGUAGES)},
}
IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of what was read: changed by somebody else since then, the answer is 412.",
    "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}"$'},
}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and body again: the answer of the first time, and nothing done twice.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
ETAG: Json = {
    "description": "The version of what was answered, for If-Match.",
    "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
}
TAG: Json = {"schema": {"type": "string", "pattern": '^(W/)?"[!#-~]+"$'}}
"""Of an answer that is no version of anything."""
SLUG: Json = {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,62}(?!\\n)$"}


class _Routes(Router):
    """The routes of the document without Litestar's HTML page for paths that it does not know under /api."""

    def register(self, value: ControllerRouterHandler) -> list[Any]:
        if isinstance(value, HTTPRouteHandler) and value.handler_name.endswith(
            "handle_schema_path_not_found"
        ):
            return []
        return super().register(value)


def _operation_id(handler: HTTPRouteHandler, _method: Any, _path: Any) -> str:
    return handler.handler_name.rpartition(".")[2]


class _Document(JsonRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:  # noqa: ARG002  # as the base has it
        return _encoded(request.app)


@lru_cache(maxsize=8)
def _encoded(app: Litestar) -> bytes:
    return msgspec.json.encode(document(app))


def config() -> OpenAPIConfig:
    """For Litestar: where the document is served, and what operations are called."""
    return OpenAPIConfig(
        title="Ledig",
        version="1",
        description="Book halls, pitches, pools and rooms of municipalities. A guide stands in docs/api.md.",
        openapi_router=_Routes("/api", route_handlers=[], include_in_schema=False),
        render_plugins=[_Document(path="/openapi.json")],
        operation_id_creator=_operation_id,
    )


@lru_cache(maxsize=8)
def document(app: Litestar) -> Json:
    """The whole document."""
    raw: Json = app.openapi_schema.to_schema()
    schemas = _schemas(app)
    paths = {path: _path_item(path, item, schemas) for path, item in raw["paths"].items()}
    return {
        "openapi": "3.1.0",
        "info": raw["info"],
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({tag for tags in _tags(paths) for tag in tags})],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that the municipality gave: `ledig token create`.",
                }
            },
        },
    }


def address_parameters(app: Litestar) -> dict[tuple[str, str], dict[str, Json]]:
    """(method, path template) → the parameters that may stand behind the question mark."""
    return {
        (method.upper(), path): {
            parameter["name"]: parameter["schema"]
            for parameter in operation["parameters"]
            if parameter["in"] == "query"
        }
        for path, item in document(app)["paths"].items()
        for method, operation in item.items()
    }


def for_people_only(app: Litestar) -> set[tuple[str, str]]:
    """(method, path template) of what nobody gets without saying who she is."""
    return {
        (method.upper(), path)
        for path, item in document(app)["paths"].items()
        for method, operation in item.items()
        if operation["security"] and {} not in operation["security"]
    }


def _tags(paths: Json) -> Iterable[list[str]]:
    return (operation["tags"] for item in paths.values() for operation in item.values())


def _schemas(app: Litestar) -> Json:
    """Every Struct that goes in or out, as msgspec describes it."""
    kinds: list[Any] = [Problem]
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if not handler.resolve_include_in_schema():
                continue
            if handler.parsed_data_field is not None:
                kinds.append(handler.parsed_data_field.annotation)
            returned = handler.parsed_return_field
            kinds.append(
                returned.inner_types[0].annotation
                if returned.is_subclass_of(Response)
                else returned.annotation
            )
    _, components = msgspec.json.schema_components(
        [kind for kind in kinds if kind not in {None, type(None)}], ref_template=REF
    )
    schemas = {name: _plain(schema) for name, schema in sorted(components.items())}
    schemas["Problem"]["additionalProperties"] = True
    return schemas


def _plain(value: Any) -> Any:
    """Without the titles that repeat the name, and with `null` as no default worth telling."""
    if isinstance(value, dict):
        members = cast("Json", value)
        return {key: _plain(inner) for key, inner in members.items() if not _says_nothing(key, inner)}
    if isinstance(value, list):
        return [_plain(inner) for inner in cast("list[Any]", value)]
    return value


def _says_nothing(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (
        key == "default" and (value is None or value == ())
    )


def _path_item(path: str, item: Json, schemas: Json) -> Json:
    return {method: _operation(path, method, item[method], schemas) for method in METHODS if method in item}


def _operation(path: str, method: str, raw: Json, schemas: Json) -> Json:
    responses = {status: _response(raw["responses"][status], schemas) for status in sorted(raw["responses"])}
    parameters = [_parameter(parameter) for parameter in raw.get("parameters", [])]
    if path.startswith("/api/"):
        parameters.append(LANG)
    if "412" in responses:
        parameters.append(IF_MATCH)  # people/answers.py VERSIONED
    if method == "post" and "409" in responses:
        parameters.append(IDEMPOTENCY_KEY)
    made: Json = {
        "operationId": raw["operationId"],
        "summary": raw["summary"],
        "tags": raw.get("tags") or ["installation"],
        "parameters": parameters,
    }
    if "description" in raw:
        made["description"] = raw["description"]
    if "requestBody" in raw:
        content = raw["requestBody"]["content"]["application/json"]
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(content["schema"])}},
        }
    made["responses"] = responses
    made["security"] = raw.get("security") or _security(responses)
    return made


def _security(responses: Json) -> list[Json]:
    """Who may be forbidden must say who she is; else a token is welcome where it can be wrong."""
    if "403" in responses:
        return [{"token": []}]
    return ANYBODY if "401" in responses else []


def _parameter(raw: Json) -> Json:
    """An address has no null: a parameter is there or it is not."""
    schema = dict(raw["schema"])
    for union in ("oneOf", "anyOf"):
        if union in schema:
            options = [option for option in schema.pop(union) if option.get("type") != "null"]
            schema = {**options[0], **schema}
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "enum" in schema:
        schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
    for bound in ("minimum", "maximum"):
        if bound in schema and schema.get("type") == "integer":
            schema[bound] = int(schema[bound])
    parameter: Json = {"name": raw["name"], "in": raw["in"], "required": raw["required"], "schema": schema}
    if raw["in"] == "path" and raw["name"] == "m":
        parameter |= {"description": "The municipality.", "schema": SLUG}
    if "description" in raw:
        parameter["description"] = raw["description"]
    return parameter


def _response(raw: Json, schemas: Json) -> Json:
    made: Json = {"description": raw["description"]}
    for kind, content in raw.get("content", {}).items():
        schema = _reference(content["schema"])
        made["content"] = {kind: {"schema": schema}}
        name = schema.get("$ref", "").rpartition("/")[2]
        if kind == "application/json" and "version" in schemas.get(name, {}).get("properties", {}):
            made["headers"] = {"ETag": ETAG}
    if "ETag" in raw.get("headers", {}):
        made["headers"] = {"ETag": {**TAG, "description": raw["headers"]["ETag"]["description"]}}
    return made


def _reference(schema: Any) -> Any:
    """Litestar's names of generic types, `Page_booking.schemas.HitOut_`, as msgspec writes them: `Page_HitOut_`."""
    if isinstance(schema, dict):
        return {key: _reference(inner) for key, inner in cast("Json", schema).items()}
    if isinstance(schema, str) and schema.startswith("#/components/schemas/"):
        return re.sub(r"_(?:\w+\.)+", "_", schema)
    return schema
