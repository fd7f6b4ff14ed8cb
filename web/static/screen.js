// The screen steps from booking to booking by itself, with what it has; every half minute it asks for news, and when
// nobody answers it says how old its news are.
(() => {
  const { fragment, zone, lost } = document.body.dataset;
  const notice = document.getElementById("lost");
  const began = Date.now();
  const EVERY = 30000;
  const LONGEST = 300000;
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat("sv", { timeZone: zone });
  let ahead = 0; // how much the server's clock is ahead of this machine's
  let answered = 0;
  let failures = 0;

  const now = () => Date.now() + ahead;

  const step = () => {
    const at = now();
    document.getElementById("clock").textContent = clock.format(at);
    for (const place of document.querySelectorAll(".screen-place")) {
      let isOn = false;
      let hasNext = false;
      for (const entry of place.querySelectorAll(".screen-entry")) {
        const start = Date.parse(entry.dataset.start);
        let when = "later";
        if (Date.parse(entry.dataset.end) <= at) when = "past";
        else if (start <= at) when = "now";
        else if (day.format(start) !== day.format(at)) when = "tomorrow";
        else if (!hasNext) when = "next";
        isOn = isOn || when === "now";
        hasNext = hasNext || when === "next";
        entry.dataset.when = when;
        entry.hidden = when === "past" || when === "tomorrow";
      }
      place.querySelector(".screen-idle").hidden = isOn;
    }
  };

  const take = (date) => {
    ahead = date ? Date.parse(date) - Date.now() : 0;
    answered = now();
    failures = 0;
    notice.textContent = "";
  };

  const ask = async () => {
    try {
      const answer = await fetch(fragment, { cache: "no-store", signal: AbortSignal.timeout(15000) });
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("screen");
      document.getElementById("screen").replaceWith(document.adoptNode(fresh));
      take(answer.headers.get("Date"));
      step();
      // By night, and only when somebody answers: a new page has the newest program and a clean memory.
      if (Date.now() - began > 20 * 3600000 && clock.format(now()).startsWith("03")) location.reload();
    } catch {
      failures += 1;
      if (failures > 1) notice.textContent = `${lost} ${clock.format(answered)}`;
    }
    setTimeout(ask, Math.min(EVERY * 2 ** Math.max(0, failures - 2), LONGEST));
  };

  take(null);
  step();
  setInterval(step, 1000);
  ask();
})();
