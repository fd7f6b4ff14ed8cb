"""A municipality of the test's own that has something to invoice."""

import pytest

from core.db import Database
from core.tenants import Tenant
from tests.payments.invoicing.dues import Dues


@pytest.fixture
async def dues(database: Database, tenant: Tenant) -> Dues:
    return await Dues(database, tenant).set_up()
