"""The fixed words by which places are described: kinds, activities, equipment and accessibility."""

from core.texts import N_
from people.activities import ACTIVITIES as ACTIVITIES
from people.activities import Term
from people.activities import check_codes as check_codes
from people.activities import label as label

KINDS: dict[str, Term] = {
    "sports_hall": Term(N_("Sports hall"), "idrettshall hall sal"),
    "gym": Term(N_("Gym"), "gymsal gymnastikksal sal"),
    "pool": Term(N_("Swimming pool"), "svømmehall symjehall basseng"),
    "pitch": Term(N_("Pitch"), "bane fotballbane kunstgress gressbane"),
    "athletics_track": Term(N_("Athletics track"), "friidrettsbane løpebane"),
    "tennis_court": Term(N_("Tennis court"), "tennisbane"),
    "ice_rink": Term(N_("Ice rink"), "ishall isbane"),
    "climbing_room": Term(N_("Climbing room"), "klatrerom klatrevegg"),
    "strength_room": Term(N_("Weights room"), "styrkerom treningsrom"),
    "dance_room": Term(N_("Dance room"), "dansesal speilsal"),
    "meeting_room": Term(N_("Meeting room"), "møterom møtelokale møtesal"),
    "classroom": Term(N_("Classroom"), "klasserom undervisningsrom"),
    "assembly_hall": Term(N_("Assembly hall"), "festsal storsal samfunnshus grendehus aula"),
    "stage": Term(N_("Stage"), "scene kultursal kulturhus teater"),
    "music_room": Term(N_("Music room"), "øvingsrom musikkrom bandrom"),
    "kitchen": Term(N_("Kitchen"), "kjøkken"),
    "foyer": Term(N_("Foyer"), "mesanin foaje vestibyle kafé"),
    "changing_room": Term(N_("Changing room"), "garderobe"),
    "outdoor_area": Term(N_("Outdoor area"), "uteområde park leirplass"),
    "equipment": Term(N_("Equipment"), "utstyr"),
}
EQUIPMENT: dict[str, Term] = {
    "changing_room": Term(N_("Changing rooms"), "garderobe"),
    "shower": Term(N_("Showers"), "dusj"),
    "grandstand": Term(N_("Grandstand"), "tribune"),
    "scoreboard": Term(N_("Scoreboard"), "måltavle"),
    "football_goals": Term(N_("Football goals"), "fotballmål"),
    "handball_goals": Term(N_("Handball goals"), "håndballmål"),
    "volleyball_net": Term(N_("Volleyball net"), "volleyballnett"),
    "badminton_net": Term(N_("Badminton nets"), "badmintonnett"),
    "basketball_hoops": Term(N_("Basketball hoops"), "basketkurver"),
    "gymnastics_apparatus": Term(N_("Gymnastics apparatus"), "turnapparater"),
    "climbing_wall": Term(N_("Climbing wall"), "klatrevegg"),
    "floodlight": Term(N_("Floodlights"), "flomlys"),
    "projector": Term(N_("Projector"), "projektor prosjektør"),
    "screen": Term(N_("Screen"), "skjerm lerret"),
    "video_conference": Term(N_("Video conference"), "videokonferanse videomøte"),
    "sound_system": Term(N_("Sound system"), "lydanlegg høyttalere mikrofon"),
    "stage": Term(N_("Stage"), "scene"),
    "piano": Term(N_("Piano"), "piano flygel"),
    "chairs": Term(N_("Chairs"), "stoler"),
    "tables": Term(N_("Tables"), "bord"),
    "kitchen": Term(N_("Kitchen"), "kjøkken"),
    "coffee_machine": Term(N_("Coffee machine"), "kaffemaskin kaffetrakter"),
    "whiteboard": Term(N_("Whiteboard"), "tavle"),
    "wifi": Term(N_("Wireless network"), "trådløst nett internett"),
    "mats": Term(N_("Mats"), "matter"),
    "lockers": Term(N_("Lockers"), "skap"),
    "first_aid": Term(N_("First aid kit"), "førstehjelp hjertestarter"),
}
ACCESSIBILITY: dict[str, Term] = {
    "step_free": Term(N_("Step-free entrance"), "trinnfri rullestol"),
    "wheelchair": Term(N_("Room for wheelchairs"), "rullestol"),
    "lift": Term(N_("Lift"), "heis"),
    "accessible_toilet": Term(N_("Accessible toilet"), "handikaptoalett HC-toalett"),
    "accessible_changing_room": Term(N_("Accessible changing room"), "handikapgarderobe"),
    "accessible_parking": Term(N_("Accessible parking"), "handikapparkering HC-parkering"),
    "automatic_door": Term(N_("Automatic doors"), "døråpner"),
    "hearing_loop": Term(N_("Hearing loop"), "teleslynge"),
    "tactile_guides": Term(N_("Tactile guides"), "ledelinjer"),
    "pool_lift": Term(N_("Pool lift"), "bassengheis"),
    "quiet_room": Term(N_("Quiet room"), "stillerom"),
    "guide_dog": Term(N_("Guide dogs welcome"), "førerhund"),
}
