/* Events of a calendar as libical reads them, the library of Evolution, KDE and many servers.

   Prints a line each, fields separated by \x1f: start, end, UID, STATUS, SUMMARY, LOCATION, DESCRIPTION; instants as
   seconds since 1970; line ends in texts as \x1e. Ends with 1 where libical marks an error, or finds a restriction of
   RFC 5545 or 5546 broken, and says so on stderr. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static void text(icalcomponent *event, icalproperty_kind kind)
{
    icalproperty *property = icalcomponent_get_first_property(event, kind);
    const char *value = property ? icalvalue_get_text(icalproperty_get_value(property)) : NULL;

    putchar('\x1f');
    for (; value && *value; value++)
        putchar(*value == '\n' ? '\x1e' : *value);
}

static void instant(struct icaltimetype at)
{
    icaltimezone *zone = (icaltimezone *)icaltime_get_timezone(at);

    if (!icaltime_is_utc(at) && zone == NULL)
        printf("floating");
    else
        printf("%lld", (long long)icaltime_as_timet_with_zone(at, zone));
}

static int errors(icalcomponent *component)
{
    int found = 0;
    icalproperty *property;
    icalcomponent *child;

    for (property = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY); property;
         property = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
        fprintf(stderr, "%s\n", icalproperty_get_xlicerror(property));
        found++;
    }
    for (child = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT); child;
         child = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT))
        found += errors(child);
    return found;
}

static void print(icalcomponent *event)
{
    icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
    const char *uid = icalcomponent_get_uid(event);

    instant(icalcomponent_get_dtstart(event));
    putchar('\x1f');
    instant(icalcomponent_get_dtend(event));
    printf("\x1f%s\x1f%s", uid ? uid : "", status ? icalproperty_status_to_string(icalproperty_get_status(status)) : "");
    text(event, ICAL_SUMMARY_PROPERTY);
    text(event, ICAL_LOCATION_PROPERTY);
    text(event, ICAL_DESCRIPTION_PROPERTY);
    putchar('\n');
}

int main(int count, char **names)
{
    FILE *file = count == 2 ? fopen(names[1], "rb") : NULL;
    char *raw;
    long size;
    int allowed;
    icalcomponent *calendar, *event;

    if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
        return 2;
    rewind(file);
    raw = malloc((size_t)size + 1);
    if (!raw || fread(raw, 1, (size_t)size, file) != (size_t)size)
        return 2;
    raw[size] = '\0';
    calendar = icalparser_parse_string(raw);
    if (!calendar || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT) {
        fprintf(stderr, "not one calendar\n");
        return 1;
    }
    allowed = icalrestriction_check(calendar); /* says in X-LIC-ERROR what is not */
    for (event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
        print(event);
    return errors(calendar) || !allowed;
}
