"""Whoever takes the money, in memory: honest as the provider's interface says, and slow, silent or double on command.

What it holds to (https://docs.stripe.com/api): the same idempotency key and parameters are the same session or refund,
other parameters under it are declined; a page stays for 30 minutes at least and 24 hours at most; what is paid cannot
be ended, what is ended cannot be paid; no more is given back than was captured.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID

from msgspec.structs import asdict, replace

from core.ids import new_id
from payments.provider import (
    Account,
    Captured,
    Declined,
    Notice,
    Refunded,
    Session,
    Unclear,
    Wish,
)

Mood = Literal["well", "silent_before", "silent_after", "declines"]
"""silent: no answer comes, and nothing has happened, or all of it has."""
T = TypeVar("T")


class Till:
    """One for a test. `now` is its clock, which the test sets."""

    name = "till"

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.moods: list[Mood] = []
        """Of the next calls, one each; then it is well."""
        self.fails_refunds = False
        """What it is asked to give back, it takes on, and then says that it cannot."""
        self.sends_slowly = False
        """Refunds are on their way until `arrive`."""
        self.sessions: dict[str, Session] = {}
        self.payments: dict[str, Captured] = {}
        self.calls: list[str] = []
        self.step: Callable[[str], None] = lambda _: None
        """Called before and after each effect: a test that kills the program does so here."""
        self._keys: dict[str, tuple[Any, str]] = {}
        self._account_of: dict[str, str] = {}

    # What the program asks.

    async def open_session(self, account: str, wish: Wish) -> Session:
        def make() -> Session:
            stays = wish.expires_at - self.now
            if not timedelta(minutes=30) <= stays <= timedelta(hours=24, minutes=1):
                raise Declined("expires_at")
            assert wish.lines, "a page shows what is paid"
            assert all(line.amount_ore > 0 for line in wish.lines), "no line is negative there"
            ref = f"cs_{new_id().hex}"
            self._account_of[ref] = account
            self.sessions[ref] = Session(
                ref=ref,
                state="open",
                amount_ore=wish.amount_ore,
                currency="NOK",
                url=f"https://till.example/{ref}",
                expires_at=wish.expires_at,
                order_id=wish.order_id,
                checkout_id=wish.checkout_id,
            )
            return self.sessions[ref]

        return self._call("open_session", lambda: self._once(wish.key, asdict(wish), make))

    async def session(self, account: str, ref: str) -> Session:
        return self._call("session", lambda: self._session(account, ref))

    async def end_session(self, account: str, ref: str) -> Session:
        def end() -> Session:
            found = self._session(account, ref)
            if found.state == "open":
                self.sessions[ref] = found = replace(found, state="ended", url=None)
            return found

        return self._call("end_session", end)

    async def refund(
        self, account: str, *, key: str, payment_ref: str, amount_ore: int, refund_id: UUID
    ) -> Refunded:
        def make() -> Refunded:
            found = self._captured(account, payment_ref)
            back = sum(each.amount_ore for each in found.refunds if each.state != "failed")
            if amount_ore > found.amount_ore - back:
                raise Declined("amount_too_large")
            made = Refunded(
                ref=f"re_{new_id().hex}",
                state="failed" if self.fails_refunds else "sent" if self.sends_slowly else "done",
                amount_ore=amount_ore,
                payment_ref=payment_ref,
                refund_id=refund_id,
                error="lost_or_stolen_card" if self.fails_refunds else "",
            )
            self.payments[payment_ref] = replace(found, refunds=[*found.refunds, made])
            return made

        return self._call("refund", lambda: self._once(key, (payment_ref, amount_ore), make))

    async def refunded(self, account: str, ref: str) -> Refunded:
        return self._call("refunded", lambda: self._refund(account, ref))

    async def captured(self, account: str, ref: str) -> Captured:
        return self._call("captured", lambda: self._captured(account, ref))

    async def captured_between(self, account: str, since: datetime, until: datetime) -> Sequence[Captured]:
        return self._call(
            "captured_between",
            lambda: [
                each
                for ref, each in self.payments.items()
                if self._account_of[ref] == account and since <= each.captured_at < until
            ],
        )

    async def make_account(self, *, key: str, name: str, email: str | None) -> Account:
        del name, email
        return self._call("make_account", lambda: Account(ref=f"acct_{key}", state="active"))

    async def account(self, ref: str) -> Account:
        return self._call("account", lambda: Account(ref=ref, state="active"))

    async def onboarding(self, ref: str, *, return_url: str, refresh_url: str) -> str:
        del return_url, refresh_url
        return f"https://till.example/accounts/{ref}"

    def read_notice(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        del body, headers, now
        raise AssertionError("what the till says is taken by `hear`: it sends no notices")

    # What people do there.

    def pay(self, ref: str) -> bool:
        """Somebody pays on the page; False: it is no longer there."""
        found = self.sessions[ref]
        assert found.expires_at is not None, "every page runs out"
        if found.state == "open" and found.expires_at <= self.now:
            self.sessions[ref] = found = replace(found, state="ended", url=None)
        if found.state != "open":
            return False
        payment_ref = f"pi_{new_id().hex}"
        self._account_of[payment_ref] = self._account_of[ref]
        self.payments[payment_ref] = Captured(
            ref=payment_ref,
            amount_ore=found.amount_ore,
            currency=found.currency,
            captured_at=self.now,
            order_id=found.order_id,
        )
        self.sessions[ref] = replace(found, state="paid", payment_ref=payment_ref, paid_at=self.now, url=None)
        return True

    def alter(self, ref: str, **changes: Any) -> None:
        """The page is other than we asked for."""
        self.sessions[ref] = replace(self.sessions[ref], **changes)

    def arrive(self, *, failed: bool = False) -> list[Refunded]:
        """Refunds that were on their way are there, or are not; they are."""
        arrived: list[Refunded] = []
        for ref, found in self.payments.items():
            refunds = [
                replace(each, state="failed" if failed else "done") if each.state == "sent" else each
                for each in found.refunds
            ]
            arrived += [
                now for now, was in zip(refunds, found.refunds, strict=True) if now.state != was.state
            ]
            self.payments[ref] = replace(found, refunds=refunds)
        return arrived

    def forget_keys(self) -> None:
        """As providers do after a day or more."""
        self._keys.clear()

    @property
    def kept_ore(self) -> int:
        """All that was captured and is not on its way back."""
        return sum(
            found.amount_ore - sum(each.amount_ore for each in found.refunds if each.state != "failed")
            for found in self.payments.values()
        )

    # Inside.

    def _call(self, name: str, effect: Callable[[], T]) -> T:
        self.calls.append(name)
        mood = self.moods.pop(0) if self.moods else "well"
        if mood == "silent_before":
            raise Unclear("no answer")
        if mood == "declines":
            raise Declined("no")
        self.step(name)
        found = effect()
        self.step(name)
        if mood == "silent_after":
            raise Unclear("no answer")
        return found

    def _once(self, key: str, asked: Any, make: Callable[[], Any]) -> Any:
        if key in self._keys:
            earlier, ref = self._keys[key]
            if earlier != asked:
                raise Declined("idempotency_key_in_use_for_other_parameters")
            return self.sessions.get(ref) or self._refund(None, ref)
        made = make()
        self._keys[key] = (asked, made.ref)
        return made

    def _session(self, account: str, ref: str) -> Session:
        if self._account_of.get(ref) != account or ref not in self.sessions:
            raise Declined("resource_missing")
        found = self.sessions[ref]
        if found.state == "open" and found.expires_at is not None and found.expires_at <= self.now:
            self.sessions[ref] = found = replace(found, state="ended", url=None)
        return found

    def _captured(self, account: str, ref: str) -> Captured:
        if self._account_of.get(ref) != account or ref not in self.payments:
            raise Declined("resource_missing")
        return self.payments[ref]

    def _refund(self, account: str | None, ref: str) -> Refunded:
        for payment_ref, found in self.payments.items():
            for each in found.refunds:
                if each.ref == ref and account in {None, self._account_of[payment_ref]}:
                    return each
        raise Declined("resource_missing")
