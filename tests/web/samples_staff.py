"""Something to show in the templates of administering people."""

from typing import Any, Final

from tests.web.contexts import NOW, Sample

GRANT: Final[dict[str, Any]] = {
    "person": "Nils Vaktmester",
    "person_url": "/solvik/staff/people/1",
    "role": "Vaktmester",
    "place": "Solvikhallen: Sal A",
    "created_at": NOW,
    "granted_by": "Siri Administrator",
    "ended_at": None,
    "end_url": "/solvik/staff/roles/1/end",
}
WHOLE: Final = {
    **GRANT,
    "person": "Siri Administrator",
    "person_url": None,
    "role": "Administrator",
    "place": "Hele kommunen",
    "granted_by": None,
}
ENDED: Final = {**GRANT, "ended_at": NOW, "end_url": None}
ROLE_CHOICES: Final = [
    ("administrator", "Administrator", "Kan gjøre alt."),
    ("caretaker", "Vaktmester", "Leser bestillinger."),
]
PLACES: Final = [
    ("all", "Hele kommunen"),
    ("facility:1", "Solvikhallen"),
    ("resource:1", "Solvikhallen: Sal A"),
]
PERSON: Final[dict[str, Any]] = {
    "person": {
        "name": "Kari Ødegård",
        "email": "kari.odegard@solvik-idrettslag-og-ungdomslag.example",
        "phone": "+47 912 34 567",
        "postcode": "4306",
        "group": "Bor i kommunen",
        "created_at": NOW,
        "seen_at": NOW,
        "tokens": 2,
        "version": 3,
    },
    "roles": [GRANT, WHOLE],
    "ended": [ENDED],
    "delegations": [("Solvik idrettslag", "Leder"), ("Solvik musikkorps", "Kasserer")],
    "role_choices": ROLE_CHOICES,
    "places": PLACES,
    "groups": [("resident", "Bor i kommunen"), ("internal", "Arbeider i kommunen")],
    "form": {"role": "", "place": "", "customer_group": "resident"},
    "errors": {},
    "refused": None,
    "give_url": "/x",
    "group_url": "/y",
    "back_url": "/solvik/staff/people",
}
ROLES: Final[dict[str, Any]] = {
    "role_names": [(code, name) for code, name, _ in ROLE_CHOICES],
    "places": PLACES,
    "invitations": [
        {
            "email": "ny.driftsleder@solvik.example",
            "role": "Driftsleder",
            "place": "Solvikhallen",
            "invited_by": "Siri Administrator",
            "expires_at": NOW,
            "withdraw_url": "/solvik/staff/invitations/1/withdraw",
        }
    ],
    "role_choices": ROLE_CHOICES,
    "form": {"email": "", "role": "", "place": ""},
    "errors": {},
    "refused": None,
}
SAMPLES: Final[list[Sample]] = [
    Sample(
        name="staff",
        template="people/staff.html",
        context={
            "doors": [
                {"name": "Personer", "about": "Finn en person.", "url": "/solvik/staff/people"},
                {"name": "Roller", "about": "Hvem har hvilken rolle hvor.", "url": "/solvik/staff/roles"},
                {"name": "Lag og foreninger", "about": "Grupper og kontakter.", "url": "/solvik/staff/a"},
            ]
        },
    ),
    Sample(
        name="staff-people",
        template="people/staff_people.html",
        context={
            "form": {"text": "kari"},
            "errors": {},
            "is_asked": True,
            "people": [
                {
                    "name": "Kari Ødegård",
                    "url": "/solvik/staff/people/1",
                    "email": "kari@example.org",
                    "phone": "+47 912 34 567",
                    "associations": ["Solvik idrettslag", "Solvik musikkorps"],
                },
                {
                    "name": "Karianne Berg",
                    "url": "/solvik/staff/people/2",
                    "email": None,
                    "phone": None,
                    "associations": [],
                },
            ],
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    Sample(
        name="staff-people-wrong",
        template="people/staff_people.html",
        context={
            "form": {"text": "k"},
            "errors": {"text": "Skriv minst to bokstaver."},
            "is_asked": False,
            "people": [],
            "previous_url": None,
            "next_url": None,
        },
    ),
    Sample(
        name="staff-people-none",
        template="people/staff_people.html",
        context={
            "form": {"text": "xyz"},
            "errors": {},
            "is_asked": True,
            "people": [],
            "previous_url": None,
            "next_url": None,
        },
    ),
    Sample(name="staff-person", template="people/staff_person.html", context=PERSON),
    Sample(
        name="staff-person-wrong",
        template="people/staff_person.html",
        context={
            **PERSON,
            "errors": {"role": "Velg en rolle.", "place": "Velg hvor.", "customer_group": "Velg en gruppe."},
            "refused": "Har denne rollen her allerede.",
        },
    ),
    Sample(
        name="staff-person-read",
        template="people/staff_person.html",
        context={
            **PERSON,
            "person": {
                **PERSON["person"],
                "email": None,
                "phone": None,
                "postcode": None,
                "seen_at": None,
                "tokens": 0,
            },
            "roles": [],
            "ended": [],
            "delegations": [],
            "role_choices": [],
            "places": [],
            "groups": [],
        },
    ),
    Sample(
        name="staff-roles",
        template="people/staff_roles.html",
        context={
            **ROLES,
            "filter": {"of": "", "at": "", "ended": ""},
            "roles": [GRANT, WHOLE, ENDED],
            "people_url": "/solvik/staff/people",
            "previous_url": "?previous",
            "next_url": "?next",
        },
    ),
    Sample(
        name="staff-roles-none",
        template="people/staff_roles.html",
        context={
            **ROLES,
            "filter": {"of": "reader", "at": "", "ended": "yes"},
            "roles": [],
            "invitations": [],
            "form": {"email": "nils", "role": "", "place": "facility:1"},
            "errors": {"email": "Skriv en e-postadresse.", "role": "Velg en rolle."},
            "refused": "For mange invitasjoner venter på svar.",
            "people_url": None,
            "previous_url": None,
            "next_url": None,
        },
    ),
    Sample(
        name="staff-role-end",
        template="people/staff_role_end.html",
        context={
            "role": WHOLE,
            "refused": "Noen andre må bli administrator først.",
            "is_own": True,
            "post_url": "/x",
            "back_url": "/solvik/staff/roles",
        },
    ),
]
