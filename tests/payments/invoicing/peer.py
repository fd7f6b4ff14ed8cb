"""Another's validator of Peppol BIS Billing 3.0, which has no types of its own."""

from typing import Any, cast

import peppol  # pyright: ignore[reportMissingTypeStubs]  # it has none

_rules: Any = cast(Any, peppol).check_rules
_schema: Any = cast(Any, peppol).validate_xsd


def faults(xml: bytes) -> list[str]:
    """What the schema and the rules say."""
    fits, amiss = cast(tuple[bool, list[Any]], _schema(xml))
    assert fits == (not amiss)
    return [str(each) for each in (*amiss, *cast(list[Any], _rules(xml)))]
