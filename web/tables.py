"""Every module that describes tables: imported here, so that the metadata knows them all."""

from types import ModuleType

import booking.arrangement_models
import booking.case_models
import booking.door_models
import booking.log_models
import booking.models
import booking.telling_models
import booking.waiting_models
import calendar_feeds.incoming.models
import calendar_feeds.models
import calendar_feeds.partners.models
import core.audit
import core.files_models
import core.idempotency
import core.mail_models
import core.outbox_models
import core.rates_models
import core.sms_models
import core.tenants
import payments.invoice_models
import payments.models
import payments.provider_models
import people.association_models
import people.identity_models
import people.models
import people.privacy_models
import resources.models
import resources.tariff_models

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
    resources.tariff_models,
    booking.models,
    booking.log_models,
    booking.waiting_models,
    booking.case_models,
    booking.arrangement_models,
    booking.telling_models,
    booking.door_models,
    calendar_feeds.models,
    calendar_feeds.partners.models,
    calendar_feeds.incoming.models,
    payments.models,
    payments.provider_models,
    payments.invoice_models,
)
