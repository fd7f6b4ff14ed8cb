// Keys on the case page: a leads to approving, r to rejecting. Seasoning only, and each reader may turn it off.
const KEYS = "ledig-keys";
const about = document.querySelector("[data-keys]");
const isOn = () => {
  try { return localStorage.getItem(KEYS) !== "off"; } catch { return true; }
};
const show = () => {
  if (!about) return;
  about.hidden = false;
  about.querySelector("[data-keys-off]").hidden = !isOn();
  about.querySelector("[data-keys-on]").hidden = isOn();
};
const turn = (value) => {
  try { localStorage.setItem(KEYS, value); } catch { /* a browser that keeps nothing */ }
  show();
};
about?.querySelector("[data-keys-off]").addEventListener("click", () => turn("off"));
about?.querySelector("[data-keys-on]").addEventListener("click", () => turn("on"));
show();
document.addEventListener("keydown", (event) => {
  if (!isOn() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = document.getElementById({ a: "approve", r: "reject" }[event.key] ?? "");
  if (button) {
    event.preventDefault();
    button.focus();
    button.scrollIntoView({ block: "center" });
  }
});
