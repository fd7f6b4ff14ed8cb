"""Pages of the stand-in: where one pays, and where a municipality tells who it is. Plain HTML, no script."""

from html import escape
from typing import Final

from payments.sandbox import paying
from payments.sandbox.wire import Json

CHOICES: Final = (
    (paying.PAYS, "Card 4242 … 4242: is paid"),
    (paying.DECLINED, "Card 4000 … 0002: is declined"),
    (paying.REFUND_PENDS, "Card 4000 … 7726: is paid, refunds take a while"),
    (paying.REFUND_FAILS, "Card 4000 … 5126: is paid, refunds fail afterwards"),
    (paying.DISPUTED, "Card 4000 … 0259: is paid, and disputed"),
    (paying.LATER, "Bank: the money comes later"),
    (paying.NEVER, "Bank: the money never comes"),
)
STYLE: Final = """
body{font:1.1rem/1.5 sans-serif;margin:0;background:#f4f5f7;color:#1a1a1a}
main{max-width:34rem;margin:2rem auto;padding:1.5rem;background:#fff;border-radius:.5rem}
td:last-child{text-align:right;white-space:nowrap;padding-left:1rem}
table{width:100%;border-collapse:collapse}td{padding:.3rem 0;border-bottom:1px solid #ddd}
label{display:block;padding:.3rem 0}button,a.button{font:inherit;padding:.6rem 1.2rem;margin:.5rem .5rem 0 0}
.note{background:#fff3cd;padding:.6rem}.wrong{background:#fde2e2;padding:.6rem}fieldset{border:1px solid #767676}
"""


def _whole(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style>'
        f'<main><h1>{escape(title)}</h1><p class="note">This is a sandbox: no money is moved.</p>{body}</main></html>'
    )


def kroner(ore: int) -> str:
    return f"NOK {ore // 100}.{ore % 100:02}"


def checkout(session: Json, *, is_declined: bool = False) -> str:
    rows = "".join(
        f"<tr><td>{escape(line['name'])}<td>{kroner(line['amount_total'])}" for line in session["_lines"]
    )
    cards = "".join(
        f'<label><input type="radio" name="card" value="{value}"{" checked" if value == paying.PAYS else ""}> '
        f"{escape(text)}</label>"
        for value, text in CHOICES
    )
    wrong = '<p class="wrong" role="alert">Your card was declined.</p>' if is_declined else ""
    back = session["cancel_url"]
    return _whole(
        f"Pay {kroner(session['amount_total'])}",
        f"{wrong}<table>{rows}</table>"
        f'<form method="post"><fieldset><legend>Pay with</legend>{cards}</fieldset>'
        '<button name="action" value="pay">Pay</button>'
        + ('<button name="action" value="back">Turn back</button>' if back else "")
        + "</form>",
    )


def over(session: Json) -> str:
    words = "This session has expired." if session["status"] == "expired" else "This is paid already."
    return _whole("Nothing to pay", f"<p>{words}</p>")


def onboarding(account: Json) -> str:
    name = escape(str(account["business_profile"].get("name", account["id"])))
    wants = "".join(f"<li>{escape(each)}" for each in account["requirements"]["currently_due"])
    return _whole(
        "Tell who you are",
        f"<p>Account of {name}. Still asked for:</p><ul>{wants}</ul>"
        '<form method="post"><button name="action" value="done">Give all that is asked for</button>'
        '<button name="action" value="later">Finish later</button></form>',
    )


def unknown() -> str:
    return _whole("Not here", "<p>There is nothing at this address.</p>")
