"""The fixed words for what people do: in associations, in teams, and in what they book."""

from typing import NamedTuple

from core.errors import Invalid
from core.texts import N_


class Term(NamedTuple):
    """A label for people, and the Norwegian words by which people look for it."""

    label: str
    words: str = ""


ACTIVITIES: dict[str, Term] = {
    "football": Term(N_("Football"), "fotball futsal"),
    "handball": Term(N_("Handball"), "håndball"),
    "volleyball": Term(N_("Volleyball"), "volleyball"),
    "basketball": Term(N_("Basketball"), "basketball basket"),
    "floorball": Term(N_("Floorball"), "innebandy"),
    "badminton": Term(N_("Badminton"), "badminton"),
    "tennis": Term(N_("Tennis"), "tennis"),
    "table_tennis": Term(N_("Table tennis"), "bordtennis"),
    "gymnastics": Term(N_("Gymnastics"), "turn gymnastikk"),
    "athletics": Term(N_("Athletics"), "friidrett løping"),
    "swimming": Term(N_("Swimming"), "svømming symjing"),
    "climbing": Term(N_("Climbing"), "klatring"),
    "martial_arts": Term(N_("Martial arts"), "kampsport judo karate taekwondo"),
    "skating": Term(N_("Skating"), "skøyter skeiser ishockey"),
    "dance": Term(N_("Dance"), "dans ballett"),
    "strength": Term(N_("Strength training"), "styrketrening trening"),
    "cheerleading": Term(N_("Cheerleading"), "cheerleading"),
    "music": Term(N_("Music"), "musikk korps kor band øving"),
    "theatre": Term(N_("Theatre"), "teater revy drama"),
    "meeting": Term(N_("Meeting"), "møte årsmøte"),
    "course": Term(N_("Course"), "kurs opplæring undervisning"),
    "party": Term(N_("Party"), "fest selskap bursdag bryllup"),
    "concert": Term(N_("Concert"), "konsert"),
    "market": Term(N_("Market"), "messe loppemarked basar"),
    "tournament": Term(N_("Tournament"), "cup turnering stevne kamp"),
    "physical_exercise": Term(N_("Exercise for all"), "mosjon trim"),
    "esport": Term(N_("E-sports"), "e-sport gaming"),
}


def check_codes(field: str, codes: list[str], known: dict[str, Term]) -> list[str]:
    """The codes, each once. Raises Invalid with the place of the first that is not among the known."""
    for place, code in enumerate(codes):
        if code not in known:
            raise Invalid(
                field=f"{field}.{place}",
                expected=N_("one of %(choices)s"),
                words={"choices": ", ".join(known)},
            )
    return list(dict.fromkeys(codes))


def label(code: str, known: dict[str, Term]) -> str:
    """What people are shown, in English, to be translated; the code itself when the word is no longer used."""
    return known[code].label if code in known else code
