"""The house stands as docs/decisions/0005 says: what no other tool watches is watched here.

Imports between rooms and layers: import-linter, configured in pyproject.toml. Each check is shown to be able to fail.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "core",
    "people",
    "resources",
    "booking",
    "payments",
    "calendar_feeds",
    "web",
    "migrations",
    "bench",
    "tests",
    "scripts",
)
LONGEST_FILE = 400
CLOCK_KEEPER = "core/spans.py"
"""`utc_now` lives here; everybody else is told what time it is."""
SQL_WORDS = {"select", "insert", "update", "delete", "text", "func", "with_loader_criteria"}
SQL_FILES = {"queries.py", "models.py"}
FEATURE_ROOMS = {"web", "people", "resources", "booking", "payments", "calendar_feeds"}


def holds_sql(path: PurePosixPath) -> bool:
    return path.name in SQL_FILES or path.stem.endswith(("_queries", "_models"))


Fault = tuple[int, str]
"""Line and what is wrong there."""
Check = Callable[[PurePosixPath, ast.Module], Iterator[Fault]]


def python_files() -> list[PurePosixPath]:
    return [
        PurePosixPath(path.relative_to(ROOT))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    ]


def is_revision(path: PurePosixPath) -> bool:
    return path.parts[:2] == ("migrations", "versions")


def too_long(path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """A file past 400 lines splits by use case."""
    lines = max((getattr(node, "end_lineno", 0) or 0 for node in tree.body), default=0)
    if lines > LONGEST_FILE and not is_revision(path):
        yield LONGEST_FILE, f"{lines} lines: split by use case, never by layer"


def clock_is_read(path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """`now` is an argument."""
    if str(path) == CLOCK_KEEPER:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if (owner, node.attr) in {
                ("datetime", "now"),
                ("datetime", "utcnow"),
                ("datetime", "today"),
                ("date", "today"),
            }:
                yield (
                    node.lineno,
                    f"{owner}.{node.attr}: take `now` as an argument; at the edges core.spans.utc_now()",
                )


def seconds_of_a_length(_path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """`timedelta.seconds` forgets the days."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "seconds":
            yield node.lineno, ".seconds forgets the days: use total_seconds() or floor division"


MONEY = ("money", "prices", "tariffs", "cancelling", "price_words", "owing", "paying")
"""Modules that reckon with money, by name or by what they begin with; and all of payments."""
TIMED = re.compile(r"(^|_)(seconds|secs|pause|patience|wait|timeout)$", re.IGNORECASE)
"""Names of what is counted in seconds, which may be a fraction."""


def reckons_with_money(path: PurePosixPath) -> bool:
    if path.parts[0] in {"tests", "bench", "migrations"}:
        return False
    starts = ("tariff_", "article_", "tier_", "invoice_", "order_")
    return path.parts[0] == "payments" or path.stem in MONEY or path.stem.startswith(starts)


def money_in_floats(path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """Money is whole øre. Seconds may be fractions, and so may a Decimal be divided, for it says how it is rounded."""
    if not reckons_with_money(path):
        return
    timed = {id(inner) for node in seconds_told(tree) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in timed:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, "a fraction in money: count øre"
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "float in money: count øre"
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div) and is_reckoned(node):
            yield node.lineno, "true division in money: say how it is rounded, with // or divmod"


def seconds_told(tree: ast.Module) -> Iterator[ast.AST]:
    """Annotations and values of what its name says to be seconds."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and TIMED.search(node.target.id)
        ):
            yield from (part for part in (node.annotation, node.value) if part is not None)
        if isinstance(node, ast.keyword) and node.arg and TIMED.search(node.arg):
            yield node.value
        if isinstance(node, ast.arguments):
            plain = [*node.posonlyargs, *node.args]
            defaults = [*zip(reversed(plain), reversed(node.defaults), strict=False)]
            for argument, default in [*defaults, *zip(node.kwonlyargs, node.kw_defaults, strict=True)]:
                if default is not None and TIMED.search(argument.arg):
                    yield default
            yield from (
                each.annotation
                for each in [*plain, *node.kwonlyargs]
                if TIMED.search(each.arg) and each.annotation
            )


def is_reckoned(node: ast.BinOp | ast.AugAssign) -> bool:
    """Whether the slash divides numbers: not the parts of a path, and not a Decimal."""
    first: ast.AST = node.target if isinstance(node, ast.AugAssign) else node.left
    last = node.value if isinstance(node, ast.AugAssign) else node.right
    while isinstance(first, ast.BinOp) and isinstance(first.op, ast.Div):
        first = first.left
    if isinstance(last, ast.JoinedStr) or (isinstance(last, ast.Constant) and isinstance(last.value, str)):
        return False
    called = first.func if isinstance(first, ast.Call) else first
    return not (isinstance(called, ast.Name) and called.id in {"Decimal", "Path", "FOLDER", "DATA"})


def sql_outside_queries(path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """All SQL of a feature room stands in its queries."""
    if path.parts[0] not in FEATURE_ROOMS or holds_sql(path):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
            for name in node.names:
                if name.name in SQL_WORDS:
                    yield node.lineno, f"{name.name} of SQLAlchemy: SQL stands in queries.py"
        if isinstance(node, ast.Import) and any(
            name.name.split(".")[0] == "sqlalchemy" for name in node.names
        ):
            yield node.lineno, "import names from sqlalchemy, so that one sees which"


def http_below_the_door(path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """Only routes, and the desk that serves them, know HTTP."""
    if path.parts[0] in {"web", "tests", "bench"} or path.stem.rpartition("_")[2] in {
        "api",
        "pages",
        "answers",
        "asking",
        "desk",
        "frame",
    }:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        if any(name.split(".")[0] == "litestar" for name in names):
            yield node.lineno, "litestar stays in api.py and pages.py"


def hidden_imports(_path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """No import is hidden in a function."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node.lineno, "import at the head of the file: a hidden import hides a cycle"


def silent_head(_path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """The first line says what the module answers."""
    if tree.body and not ast.get_docstring(tree):
        yield 1, "say in the first line what the module answers"


def names_a_tenant(path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """Feature code never filters by tenant: the session and row security do."""
    if path.parts[0] not in FEATURE_ROOMS - {"web"} or holds_sql(path):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "tenant_id":
            yield node.value.lineno, "tenant_id is filled by the session"


def skips_row_security(path: PurePosixPath, tree: ast.Module) -> Iterator[Fault]:
    """Search over all municipalities goes through Database.public(), nothing else changes its role."""
    if path.parts[0] in {"core", "migrations", "tests", "bench", "scripts"}:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.upper()
            if "SET ROLE" in words or "SET LOCAL ROLE" in words or "ROW_SECURITY" in words:
                yield node.lineno, "roles are changed in core/db.py alone"


CHECKS: list[Check] = [
    too_long,
    clock_is_read,
    seconds_of_a_length,
    money_in_floats,
    sql_outside_queries,
    http_below_the_door,
    hidden_imports,
    silent_head,
    names_a_tenant,
    skips_row_security,
]

BAD: dict[Check, tuple[str, str]] = {
    too_long: ("booking/service.py", '"""Long."""\n' + "x = 1\n" * 401),
    clock_is_read: ("booking/rules.py", "import datetime as dt\nwhen = dt.datetime.now(dt.UTC)"),
    seconds_of_a_length: ("booking/rules.py", "minutes = (end - start).seconds // 60"),
    money_in_floats: ("core/money.py", "fee = float(655)"),
    sql_outside_queries: ("booking/service.py", "from sqlalchemy import select"),
    http_below_the_door: ("booking/guard.py", "from litestar import Response"),
    hidden_imports: ("booking/service.py", "def hold():\n    from booking import rules"),
    silent_head: ("booking/service.py", "x = 1"),
    names_a_tenant: ("booking/service.py", "Booking(tenant_id=tenant.id)"),
    skips_row_security: ("booking/queries.py", 'QUESTION = "set local role ledig_public"'),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_stands(check: Check) -> None:
    faults = [
        f"{path}:{line}: {fault}"
        for path in python_files()
        for line, fault in check(path, ast.parse((ROOT / path).read_text(), str(path)))
    ]
    assert not faults, "\n".join(["", *faults])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_check_can_fail(check: Check) -> None:
    path, source = BAD[check]
    assert list(check(PurePosixPath(path), ast.parse(source)))


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("fee = gross * 25 / 100", 1),
        ("fee /= 2", 1),
        ("fee = 0.25 * gross", 1),
        ("fee: float = 1", 1),
        ("fee = Decimal(ore) / 100", 0),
        ("fee = gross * 25 // 100", 0),
        ("file = FOLDER / name", 0),
        ('file = here.parent / "layouts" / "a.json"', 0),
        ("pause_seconds: float = 0.5", 0),
        ("def ask(self, *, patience: float = 1.0) -> None: ...", 0),
        ("def ask(self, share: float = 1.0) -> None: ...", 2),
        ("sleep(timeout=0.5)", 0),
    ],
)
@pytest.mark.parametrize(
    "path", ["resources/tariffs.py", "payments/invoicing/ehf.py", "resources/tariff_facts.py"]
)
def test_money_is_looked_for_wherever_it_is_reckoned(path: str, source: str, faults: int) -> None:
    assert len(list(money_in_floats(PurePosixPath(path), ast.parse(source)))) == faults


def test_all_code_is_looked_at() -> None:
    seen = {path.parts[0] for path in python_files()}
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert there <= seen
