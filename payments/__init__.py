"""Orders, paying online, refunds, invoices and what finance takes out."""
