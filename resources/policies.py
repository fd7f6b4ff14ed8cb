"""Who decides a booking, the rules or an officer, and because of which line? Pure."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from core.spans import DAY_MINUTES, MINUTE, Span, clock_reaches, local_date
from core.texts import N_, Texts
from people.groups import CUSTOMER_GROUPS

Decision = Literal["automatic", "case_officer"]
MONDAY = date(2024, 1, 1)


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a resource's policy. What it leaves out fits everything."""

    decision: Decision
    weekdays: tuple[int, ...] = msgspec.field(default_factory=tuple)
    """1 is Monday; of the local day on which the booking starts."""
    from_minute: int | None = None
    until_minute: int | None = None
    """The whole booking lies between these minutes of that day's clock; beyond 1440 is the next day's."""
    min_minutes: int | None = None
    max_minutes: int | None = None
    customer_groups: tuple[str, ...] = msgspec.field(default_factory=tuple)
    max_people: int | None = None
    """A booking that does not say for how many fits no line that asks."""


class Why(Policy, frozen=True, omit_defaults=True):
    """The line as it read when it decided."""

    line: int | None = None
    """Its number, from 1; None: no line fitted, and the resource's own word stood."""


class Verdict(NamedTuple):
    """Who decides, and because of what."""

    decision: Decision
    why: Why


def decided(
    policies: Sequence[Policy],
    default: str,
    *,
    span: Span,
    zone: ZoneInfo,
    customer_group: str,
    people: int | None,
) -> Verdict:
    """By the first line that fits, else as the resource says of itself.

    Weekday and clock are those of the local day on which the booking starts, also when it goes on over midnight;
    its length is real time.
    """
    for number, policy in enumerate(policies, 1):
        if _fits(policy, span, zone, customer_group, people):
            return Verdict(policy.decision, Why(**msgspec.structs.asdict(policy), line=number))
    decision: Decision = "automatic" if default == "automatic" else "case_officer"
    return Verdict(decision, Why(decision))


def _fits(policy: Policy, span: Span, zone: ZoneInfo, customer_group: str, people: int | None) -> bool:
    day = local_date(zone, span.start)
    return (
        (not policy.weekdays or day.isoweekday() in policy.weekdays)
        and (policy.from_minute is None or span.start >= clock_reaches(zone, day, policy.from_minute))
        and (policy.until_minute is None or span.end <= clock_reaches(zone, day, policy.until_minute))
        and (policy.min_minutes is None or span.length >= policy.min_minutes * MINUTE)
        and (policy.max_minutes is None or span.length <= policy.max_minutes * MINUTE)
        and (not policy.customer_groups or customer_group in policy.customer_groups)
        and (policy.max_people is None or (people is not None and people <= policy.max_people))
    )


def asks_group(policies: Sequence[Policy]) -> bool:
    """Whether it matters who books."""
    return any(policy.customer_groups for policy in policies)


def kept(why: Why) -> dict[str, Any]:
    """For `booking.policy`."""
    return msgspec.to_builtins(why)


def read_kept(policy: dict[str, Any] | None) -> Why | None:
    """Of `booking.policy`; None where nothing was kept."""
    return None if policy is None else msgspec.convert(policy, Why)


# In words.

BY_RULE = N_("Decided automatically, by the rule: %(rule)s.")
BY_OFFICER = N_("An officer decides, by the rule: %(rule)s.")


def line_text(policy: Policy, texts: Texts) -> str:
    """The conditions: `mandag–fredag, kl. 16–22, inntil 2 timer`."""
    told = [
        _weekdays(policy.weekdays, texts),
        _clock(policy, texts),
        _length(policy, texts),
        texts.listed(
            [texts.gettext(name) for code, name in CUSTOMER_GROUPS.items() if code in policy.customer_groups]
        ),
    ]
    if policy.max_people is not None:
        told.append(texts.ngettext("at most %(n)d person", "at most %(n)d people", policy.max_people))
    return ", ".join(part for part in told if part) or texts.gettext("all bookings")


def why_text(why: Why | None, texts: Texts) -> str | None:
    """The line that decided, as a sentence; None where the resource has but one answer for all."""
    if why is None or why.line is None:
        return None
    told = BY_RULE if why.decision == "automatic" else BY_OFFICER
    return texts.gettext(told, rule=line_text(why, texts))


def policy_text(policy: Policy, texts: Texts) -> str:
    """A line of the policy for everybody."""
    rule = line_text(policy, texts)
    if policy.decision == "automatic":
        return texts.gettext("You get the answer at once: %(rule)s.", rule=rule)
    return texts.gettext("The municipality answers you: %(rule)s.", rule=rule)


def _weekdays(weekdays: Sequence[int], texts: Texts) -> str:
    """Days in a row are taken together: `mandag–torsdag og lørdag`."""
    runs: list[list[int]] = []
    for weekday in sorted(set(weekdays)):
        if runs and runs[-1][-1] == weekday - 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    named: list[str] = []
    for run in runs:
        names = [texts.weekday(MONDAY.replace(day=weekday)) for weekday in run]
        named += [f"{names[0]}–{names[-1]}"] if len(names) > 2 else names
    return texts.listed(named)


def _clock(policy: Policy, texts: Texts) -> str:
    since, until = policy.from_minute, policy.until_minute
    if since is None and until is None:
        return ""
    if until is None:
        return texts.gettext("from %(time)s", time=texts.clock(_time(since or 0)))
    if since is None:
        _, last = texts.wall(time(0), _time(until)).split("–")  # where midnight is 24
        return texts.gettext("until %(time)s", time=last)
    return texts.wall(_time(since), _time(until))


def _time(minute: int) -> time:
    return time(minute % DAY_MINUTES // 60, minute % 60)


def _length(policy: Policy, texts: Texts) -> str:
    least, most = policy.min_minutes, policy.max_minutes
    told = [
        texts.gettext("at least %(length)s", length=texts.length(least)) if least else "",
        texts.gettext("at most %(length)s", length=texts.length(most)) if most else "",
    ]
    return ", ".join(part for part in told if part)
