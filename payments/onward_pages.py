"""On to the provider: a page that goes on by itself."""

from typing import Final

from litestar import Response

from people.desk import Desk

LABEL: Final = {"stripe": "Stripe"}


def onward(desk: Desk, url: str, provider: str) -> Response[str]:
    """To be sent on straight from a form, the provider, and whoever it sends her on to, would have to stand in the
    `form-action` of every page (web/edge.py).
    """
    response = desk.page("payments/onward.html", url=url, label=LABEL.get(provider, provider.capitalize()))
    response.headers.update({"Cache-Control": "no-store", "Refresh": f"0; url={url}"})
    return response
