// Keys for the queue: j and k walk, Enter opens (the link has the focus), a and r open at the answer, x chooses,
// ? helps. Everything works without; whoever is disturbed by single keys turns them off (WCAG 2.1.4).

(() => {
  const STORED = "ledig-queue-keys";
  const help = document.getElementById("queue-keys");
  const choice = document.getElementById("queue-keys-choice");
  const box = document.getElementById("queue-keys-on");
  if (!help || !choice || !box) return;
  const remembered = (() => {
    try {
      return localStorage.getItem(STORED);
    } catch {
      return null; // storage is switched off: the choice lasts as long as the page
    }
  })();
  box.checked = remembered !== "off";
  choice.hidden = false;
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, box.checked ? "on" : "off");
    } catch {
      // as above
    }
  });

  const links = [...document.querySelectorAll("[data-row] h2 a")];
  const row = () => document.activeElement?.closest("[data-row]");
  const here = () => links.findIndex((link) => link.closest("[data-row]") === row());

  function walk(step) {
    if (links.length === 0) return;
    const at = here();
    const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1);
    links[next].focus();
    links[next].closest("[data-row]").scrollIntoView({ block: "nearest" });
  }

  function open(anchor) {
    const link = links[here()];
    if (link) location.assign(link.href + anchor);
  }

  function choose() {
    const chosen = row()?.querySelector("input[name=case]");
    if (chosen) chosen.checked = !chosen.checked;
  }

  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    a: () => open("#approve"),
    r: () => open("#reject"),
    x: choose,
    "?": () => {
      help.open = true;
      help.querySelector("summary").focus();
    },
  };

  const isTyping = (element) =>
    element.closest("input:not([type=checkbox]), select, textarea, [contenteditable]") !== null;

  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target instanceof Element && isTyping(event.target)) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
