"""What a layout may put into its fields: values by name, of the file, of an order and of a line. Pure."""

from datetime import date

from payments.invoicing.outgoing import Outgoing, OutgoingLine

Value = str | int | date | None


def file_values(
    *,
    number: int = 0,
    made_on: date | None = None,
    orders: int = 0,
    lines: int = 0,
    sum_ore: int = 0,
) -> dict[str, Value]:
    """Of the whole file; orders, lines and sum as they stand so far."""
    return {
        "file_number": number,
        "file_date": made_on,
        "file_orders": orders,
        "file_lines": lines,
        "file_gross": sum_ore,
    }


def order_values(paper: Outgoing | None) -> dict[str, Value]:
    """Of an order; None: only the names."""
    if paper is None:
        return dict.fromkeys(ORDER)
    customer, seller = paper.customer, paper.seller
    return {
        "kind": paper.kind,
        "kind_letter": {"invoice": "F", "credit": "K", "receipt": "S"}[paper.kind],
        "number": paper.number,
        "credits_number": paper.credits_number,
        "issued_on": paper.issued_on,
        "due_on": paper.due_on,
        "year": paper.issued_on.year,
        "month": paper.issued_on.month,
        "period": f"{paper.issued_on:%Y%m}",
        "kid": paper.kid,
        "reference": paper.reference,
        "reason": paper.reason,
        "payment": paper.payment,
        "customer_key": customer.organisation_number or paper.customer_id.hex[:12].upper(),
        "customer_id": str(paper.customer_id),
        "customer_name": customer.name,
        "customer_number": customer.organisation_number,
        "customer_address": customer.address,
        "customer_postcode": customer.postcode,
        "customer_town": customer.town,
        "customer_email": customer.email,
        "seller_name": seller.name,
        "seller_number": seller.organisation_number,
        "seller_account": seller.bank_account,
        "order_net": paper.net_ore,
        "order_vat": paper.vat_ore,
        "order_gross": paper.gross_ore,
        "order_lines": len(paper.lines),
    }


def line_values(line: OutgoingLine | None, position: int) -> dict[str, Value]:
    """Of a line; None: only the names."""
    if line is None:
        return dict.fromkeys(LINE)
    account = line.account
    return {
        "line": position,
        "text": line.text,
        "unit": line.unit,
        "quantity": line.quantity_milli,
        "vat_code": line.vat_code,
        "vat_percent": line.vat_rate,
        "vat_reason": line.vat_reason,
        "net": line.net_ore,
        "vat": line.vat_ore,
        "gross": line.gross_ore,
        "from_on": line.starts_on,
        "until_on": line.ends_on,
        "account": account.get("account", ""),
        "department": account.get("department", ""),
        "project": account.get("project", ""),
        "product": account.get("product", ""),
    }


ORDER = (
    *("kind", "kind_letter", "number", "credits_number", "issued_on", "due_on", "year", "month", "period"),
    *("kid", "reference", "reason", "payment", "customer_key", "customer_id", "customer_name"),
    *("customer_number", "customer_address", "customer_postcode", "customer_town", "customer_email"),
    *("seller_name", "seller_number", "seller_account"),
    *("order_net", "order_vat", "order_gross", "order_lines"),
)
LINE = (
    *("line", "text", "unit", "quantity", "vat_code", "vat_percent", "vat_reason", "net", "vat", "gross"),
    *("from_on", "until_on", "account", "department", "project", "product"),
)
