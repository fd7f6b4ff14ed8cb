// Events as node-ical and ical.js read them. Given {"feeds": {name: address or file}} on standard input, answers with
// {"node-ical": {name: [event, …]}, "ical.js": …}; instants as milliseconds since 1970.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import ICAL from "ical.js";
import nodeIcal from "node-ical";

const told = (value) => (value && typeof value === "object" ? value.val : value) ?? "";

// node-ical fetches by itself; what it leaves out, it leaves out.
async function byNodeIcal(place) {
  const read = /^https?:/.test(place) ? await nodeIcal.async.fromURL(place) : await nodeIcal.async.parseFile(place);
  return Object.values(read)
    .filter((each) => each.type === "VEVENT")
    .map((each) => ({
      start: each.start.getTime(),
      end: each.end.getTime(),
      uid: each.uid,
      status: told(each.status),
      summary: told(each.summary),
      location: told(each.location),
      description: told(each.description),
    }));
}

// The engine of Thunderbird and of Nextcloud's calendar.
function byIcalJs(raw) {
  const calendar = new ICAL.Component(ICAL.parse(raw));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      start: event.startDate.toUnixTime() * 1000,
      end: event.endDate.toUnixTime() * 1000,
      uid: event.uid,
      status: component.getFirstPropertyValue("status") ?? "",
      summary: event.summary ?? "",
      location: event.location ?? "",
      description: event.description ?? "",
    };
  });
}

const source = async (place) =>
  /^https?:/.test(place) ? (await fetch(place)).text() : readFile(place, { encoding: "utf-8" });

const { feeds } = JSON.parse(await text(process.stdin));
const answer = { "node-ical": {}, "ical.js": {} };
for (const [name, place] of Object.entries(feeds)) {
  answer["node-ical"][name] = await byNodeIcal(place);
  answer["ical.js"][name] = byIcalJs(await source(place));
}
process.stdout.write(JSON.stringify(answer));
