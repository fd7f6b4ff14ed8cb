"""Every module that describes tables: imported here, so that the metadata knows them all."""

from types import ModuleType

import booking.arrangement_models
import booking.case_models
import booking.models
import booking.telling_models
import booking.waiting_models
import core.audit
import core.files_models
import core.idempotency
import core.mail_models
import core.outbox_models
import core.rates_models
import core.sms_models
import core.tenants
import people.association_models
import people.identity_models
import people.models
import people.privacy_models
import resources.models

MODULES: tuple[ModuleType, ...] = (
    core.audit,
    core.files_models,
    core.idempotency,
    core.mail_models,
    core.outbox_models,
    core.rates_models,
    core.sms_models,
    core.tenants,
    people.identity_models,
    people.models,
    people.association_models,
    people.privacy_models,
    resources.models,
    booking.models,
    booking.waiting_models,
    booking.case_models,
    booking.arrangement_models,
    booking.telling_models,
)
