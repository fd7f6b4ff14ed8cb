"""The command `ledig`: what the operator types."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from booking.laying import lay_weekly
from booking.new_units import cover
from calendar_feeds.incoming import service as imports
from calendar_feeds.partners import doors, webhooks
from calendar_feeds.renewing import Renewed, renew
from core import logs
from core.db import Database
from core.errors import Refusal
from core.outbox import dead_letters, resend, standing
from core.provision import Access, CannotProvision, UnsafeRole
from core.settings import Settings, SettingsError, read_settings
from core.spans import utc_now
from core.tenants import Tenant, all_tenants
from core.vault import Unopenable, Vault, new_key, vault_of
from people.actors import Actor, Grant
from people.identities import rotate
from people.invitations import LASTS
from people.queries import an_administrator
from resources.import_files import ImportRefused
from resources.importing import import_files
from web import running
from web.tenant_setup import NewTenant, create_tenant, create_token

ABOUT = """\
Ledig: municipal booking. No two get the same hall.

Where it runs is told by environment variables:
  DATABASE_URL        PostgreSQL 15 or newer. Not set: an embedded one under var/.
                      Set alone and allowed to make roles: `run` prepares the database and
                      connects as a role of the program's own.
  DATABASE_OWNER_URL  In production: who migrates. DATABASE_URL is then the program's own
                      role, which must not be able to pass by row security.
  BROKER_URL          amqp://… or redis://… Not set: relay and worker run inside `ledig run`.
  LEDIG_PROVIDERS     A file that says where people sign in: docs/sign-in.md.
  LEDIG_KEYS          What national numbers are sealed with: docs/sign-in.md.
  LEDIG_STRIPE_KEY, LEDIG_STRIPE_SECRETS
                      Who takes money online: docs/payments.md.
  LEDIG_ALLOWED_HOSTS, LEDIG_TRUSTED_PROXIES, LEDIG_LIMITS
                      By which names, behind whom, and how often one client may ask:
                      docs/security.md.
  LEDIG_HOST, LEDIG_PORT, LEDIG_PUBLIC_URL, LEDIG_WEB_WORKERS, LEDIG_POOL_SIZE, LEDIG_VAR,
  LEDIG_LOG_LEVEL     Where it listens and how much it may use.
"""

A_BATCH = 500
"""Rows that `keys rotate` holds at a time."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit code 0 when done, 1 when refused, 2 when the words or settings make no sense."""
    options = parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        logs.tell(settings.log_level)
        options.verb(settings, options)
    except (SettingsError, UnsafeRole, CannotProvision) as error:
        sys.exit(_complain(str(error), 2))
    except Refusal as refusal:
        facts = "; ".join(f"{name}: {value}" for name, value in refusal.facts.items())
        sys.exit(_complain(f"{refusal.title} {facts}", 1))


def _complain(text: str, code: int) -> int:
    print(f"ledig: {text}", file=sys.stderr)
    return code


def parser() -> argparse.ArgumentParser:
    """All verbs with their words."""
    made = argparse.ArgumentParser(
        prog="ledig", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = made.add_subparsers(required=True, metavar="VERB")

    run = verbs.add_parser("run", help="everything on this machine: database, demo, web, relay and worker")
    run.add_argument("--no-demo", action="store_true", help="leave the demo municipalities and sign-in out")
    run.set_defaults(verb=_run)
    for name, verb, text in (
        ("web", _web, "the web server alone (production)"),
        ("relay", _relay, "the relay alone: outbox to broker"),
        ("worker", _worker, "a worker alone: what happens later"),
        ("migrate", _migrate, "make the roles and bring the tables up to date"),
    ):
        verbs.add_parser(name, help=text, description=text).set_defaults(verb=verb)

    tenant = verbs.add_parser("tenant", help="municipalities").add_subparsers(required=True, metavar="VERB")
    create = tenant.add_parser(
        "create", help="a ready municipality in one go, with an administrator and a token"
    )
    create.add_argument("slug", help="first part of its paths: sandnes")
    create.add_argument("--name", required=True, help="Sandnes")
    create.add_argument("--number", required=True, help="kommunenummer, four figures: 1108")
    create.add_argument("--organisation-number", required=True, help="nine figures, checked: 964965137")
    create.add_argument(
        "--languages", default="nb,nn,en", help="the first is what pages show by default (%(default)s)"
    )
    create.add_argument("--zone", default="Europe/Oslo", help="IANA time zone (%(default)s)")
    create.add_argument("--colour", default="#0062ba", help="of its pages, #rrggbb (%(default)s)")
    create.add_argument("--logo", help="https address or path of its logo")
    create.add_argument("--host", action="append", default=[], help="a host name of its own; may be repeated")
    create.add_argument(
        "--administrator", default="Administrator", help="name of the first person (%(default)s)"
    )
    create.set_defaults(verb=_tenant_create)
    tenant.add_parser("list", help="who is here").set_defaults(verb=_tenant_list)

    token = verbs.add_parser("token", help="secrets for programs").add_subparsers(
        required=True, metavar="VERB"
    )
    issue = token.add_parser("create", help="a new secret, shown this once")
    issue.add_argument("municipality", help="its slug")
    issue.add_argument("--label", required=True, help="what it is for")
    who = issue.add_mutually_exclusive_group(required=True)
    who.add_argument("--person", type=UUID, help="id of the person it acts for")
    who.add_argument("--name", help="make a new person of this name for it, such as a system")
    issue.add_argument("--role", help="give the person this staff role over the whole municipality")
    issue.add_argument(
        "--scopes",
        default="read,write,staff",
        help="of read, write and staff, which is to use the person's roles (%(default)s)",
    )
    issue.add_argument("--days", type=int, help="how long it lasts; for ever when left out")
    issue.set_defaults(verb=_token_create)

    messages = verbs.add_parser("messages", help="what waits in the outbox, and what was given up")
    messages.add_argument(
        "--resend", nargs="?", const="all", metavar="ID", help="try dead letters again: one, or all"
    )
    messages.set_defaults(verb=_messages)

    keys = verbs.add_parser("keys", help="what national numbers are sealed with; see docs/sign-in.md")
    key_verbs = keys.add_subparsers(required=True, metavar="VERB")
    key_verbs.add_parser("new", help="print a new key for LEDIG_KEYS").set_defaults(verb=_keys_new)
    rotate = key_verbs.add_parser("rotate", help="seal everything with the first key of LEDIG_KEYS")
    rotate.set_defaults(verb=_keys_rotate)

    feeds = verbs.add_parser("feeds", help="calendars that others follow; see docs/feeds.md")
    renewing = feeds.add_subparsers(required=True, metavar="VERB").add_parser(
        "renew", help="after restoring a dump into another PostgreSQL: so that calendars hear what is new"
    )
    renewing.add_argument(
        "--beyond",
        type=int,
        default=1_000_000,
        help="transactions that there may have been after the dump was made (%(default)s)",
    )
    renewing.set_defaults(verb=_feeds_renew)

    load = verbs.add_parser(
        "import", help="a municipality's places from JSON or CSV, all or nothing; see docs/import.md"
    )
    load.add_argument("municipality", help="its slug")
    load.add_argument(
        "files", nargs="+", type=Path, help="one JSON file, or CSV files named as in docs/import.md"
    )
    load.set_defaults(verb=_import)
    return made


def _run(settings: Settings, options: argparse.Namespace) -> None:
    running.run(settings, with_demo=not options.no_demo)


def _web(settings: Settings, _options: argparse.Namespace) -> None:
    running.web(settings)


def _relay(settings: Settings, _options: argparse.Namespace) -> None:
    running.relay(settings)


def _worker(settings: Settings, _options: argparse.Namespace) -> None:
    running.worker(settings)


def _migrate(settings: Settings, _options: argparse.Namespace) -> None:
    with running.database(settings) as found:
        running.migrate(found)
    print("The database is up to date.")


async def _tenant(database: Database, slug: str) -> Tenant:
    async with database.shared() as db:
        tenants = await all_tenants(db)
    found = next((tenant for tenant in tenants if tenant.slug == slug), None)
    if found is None:
        raise SettingsError(
            f"no municipality {slug!r}; there are: {', '.join(t.slug for t in tenants) or 'none'}"
        )
    return found


def _tenant_list(settings: Settings, _options: argparse.Namespace) -> None:
    async def work(found: Access) -> None:
        database = Database(found.program, pool_size=1)
        async with database.shared() as db:
            for tenant in await all_tenants(db):
                print(f"{tenant.slug}\t{tenant.number}\t{tenant.name}\t{' '.join(tenant.hosts)}")
        await database.close()

    with running.database(settings) as found:
        asyncio.run(work(found))


def _tenant_create(settings: Settings, options: argparse.Namespace) -> None:
    new = NewTenant(
        slug=options.slug,
        number=options.number,
        organisation_number=options.organisation_number,
        name=options.name,
        languages=tuple(options.languages.split(",")),
        zone=options.zone,
        colour=options.colour,
        logo=options.logo,
        hosts=tuple(options.host),
        administrator=options.administrator,
    )

    async def work(owner_url: str) -> None:
        owner = Database(owner_url, pool_size=1)
        made = await create_tenant(owner, new, utc_now())
        await owner.close()
        print(f"{new.name} is ready at /{new.slug}.")
        print(f"Token of its administrator, shown this once: {made.token}")
        link = f"{settings.public_url or ''}/{new.slug}/invitations/{made.invitation}"
        print(f"Whoever opens this within {LASTS.days} days and signs in becomes administrator too: {link}")

    with running.database(settings) as found:
        running.migrate(found)
        assert found.owner is not None, "migrate refuses without an owner"
        asyncio.run(work(found.owner))


def _token_create(settings: Settings, options: argparse.Namespace) -> None:
    async def work(found: Access) -> None:
        database = Database(found.program, pool_size=1)
        tenant = await _tenant(database, options.municipality)
        now = utc_now()
        async with database.transaction(tenant.id) as db:
            secret = await create_token(
                db,
                now,
                label=options.label,
                person_id=options.person,
                name=options.name,
                role=options.role,
                scopes=options.scopes.split(","),
                expires_at=None if options.days is None else now + timedelta(days=options.days),
            )
        await database.close()
        print(secret)

    with running.database(settings) as found:
        asyncio.run(work(found))


def _keys_new(_settings: Settings, _options: argparse.Namespace) -> None:
    print(new_key())


async def _reseal(program_url: str, vault: Vault) -> int:
    """Secrets of webhooks and door locks, and codes of doors, municipality by municipality; how many."""
    database, done = Database(program_url, pool_size=1), 0
    try:
        async with database.shared() as db:
            tenants = await all_tenants(db)
        for tenant in tenants:
            for reseal in (webhooks.reseal, doors.reseal, imports.reseal):
                while count := await database.run(tenant.id, partial(reseal, vault=vault, batch=A_BATCH)):
                    done += count
    finally:
        await database.close()
    return done


def _keys_rotate(settings: Settings, _options: argparse.Namespace) -> None:
    async def work(owner_url: str) -> tuple[int, int]:
        owner, vault = Database(owner_url, pool_size=1), vault_of(settings)
        done = kept = 0
        last: bytes | None = b""
        try:
            while last is not None:
                async with owner.owner() as db:
                    batch = await rotate(db, vault, last, batch=A_BATCH)
                done, kept, last = done + batch.done, kept + batch.kept, batch.last
        finally:
            await owner.close()
        return done, kept

    with running.database(settings) as found:
        if found.owner is None:
            raise SettingsError("only the owner sees what people are known by: set DATABASE_OWNER_URL")
        try:
            done, kept = asyncio.run(work(found.owner))
            done += asyncio.run(_reseal(found.program, vault_of(settings)))
        except Unopenable as error:
            raise SettingsError("LEDIG_KEYS lacks a key that something is still sealed with") from error
    print(f"{done} sealed with the first key.")
    if kept:
        print(f"{kept} left as they were: the same is known under the first key already.")


def _feeds_renew(settings: Settings, options: argparse.Namespace) -> None:
    async def work(found: Access) -> Renewed:
        database = Database(found.program, pool_size=1)
        done = await renew(
            database, beyond=options.beyond, tell=lambda left: print(f"{left:,} left", flush=True)
        )
        await database.close()
        return done

    with running.database(settings) as found:
        done = asyncio.run(work(found))
    if done.began_at == done.ended_at:
        print("Nothing to do: the log knows of no transaction that is still to come.")
    else:
        print(f"Transactions are counted on from {done.ended_at:,}; they were at {done.began_at:,}.")


def _import(settings: Settings, options: argparse.Namespace) -> None:
    files: dict[str, bytes] = {}
    for path in options.files:
        try:
            files[path.name] = path.read_bytes()
        except OSError as error:
            raise SettingsError(f"{path}: {error.strerror}") from error

    async def work(found: Access) -> None:
        database = Database(found.program, pool_size=1)
        tenant = await _tenant(database, options.municipality)
        async with database.transaction(tenant.id) as db:
            operator = Actor(person_id=await an_administrator(db), grants=(Grant("administrator"),))
            done = await import_files(db, operator, files, zone=tenant.zone, now=utc_now())
            await cover(db, None, utc_now())
            left = await lay_weekly(db, operator, tenant, done.weekly, utc_now())
        await database.close()
        for word, tables in (("added", done.added), ("changed", done.changed)):
            print(f"{word}: {', '.join(f'{count} {table}' for table, count in tables.items()) or 'nothing'}")
        for time, day, _conflicts in left:
            print(f"not laid, because something is in the way: {time.association} {day}")

    with running.database(settings) as found:
        try:
            asyncio.run(work(found))
        except ImportRefused as refused:
            raise SettingsError(f"nothing was imported.\n{refused}") from refused


def _messages(settings: Settings, options: argparse.Namespace) -> None:
    async def work(found: Access) -> None:
        database = Database(found.program, pool_size=1)
        async with database.relay() as db:
            if options.resend is not None:
                one = None if options.resend == "all" else UUID(options.resend)
                print(f"{await resend(db, one)} will be tried again.")
            now = await standing(db)
            print(
                f"{now.waiting} waiting, {now.failing} failing, {now.dead} dead, {now.overdue_seconds:.0f} s overdue"
            )
            for letter in await dead_letters(db):
                print(f"{letter.id}\t{letter.dead_at:%Y-%m-%d %H:%M}\t{letter.kind}\t{letter.last_error}")
        await database.close()

    with running.database(settings) as found:
        try:
            asyncio.run(work(found))
        except ValueError as error:
            raise SettingsError(f"--resend {options.resend}: no id of a message") from error
