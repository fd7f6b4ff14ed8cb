// A board that stands open is drawn anew when it has changed. Without this file there is the link that refreshes it.
(() => {
  const page = document.querySelector(".board-page");
  if (!page || !window.EventSource) return;
  const told = document.getElementById("board-told");
  const revision = () => document.getElementById("board").dataset.revision;
  const say = (text) => { told.textContent = text; };
  let stream = null;
  let isBusy = false;
  let isStale = false;

  // What is clicked has the same address before and after; a cell that is gone leaves the focus on the board.
  const place = (board) => {
    const active = document.activeElement;
    if (!board.contains(active)) return null;
    return active === board ? "" : active.getAttribute("href");
  };

  const draw = async () => {
    if (isBusy) { isStale = true; return; }
    isBusy = true;
    try {
      const answer = await fetch(page.dataset.fragment, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("board");
      const old = document.getElementById("board");
      const focused = place(old);
      const [left, top] = [old.scrollLeft, old.scrollTop];
      old.replaceWith(document.adoptNode(fresh));
      fresh.scrollTo(left, top);
      if (focused !== null) {
        const again = focused ? fresh.querySelector(`a[href="${CSS.escape(focused)}"]`) : fresh;
        (again || fresh).focus({ preventScroll: true });
      }
      say(page.dataset.changed);
    } catch {
      say(page.dataset.lost);
    }
    isBusy = false;
    if (isStale) { isStale = false; draw(); }
  };

  const listen = () => {
    if (document.hidden || (stream && stream.readyState !== EventSource.CLOSED)) return;
    const url = new URL(page.dataset.events, location.href);
    url.searchParams.set("since", revision());
    stream = new EventSource(url);
    stream.addEventListener("changed", (event) => {
      if (event.data !== revision()) draw();
    });
    // A browser tries again by itself unless it was refused; then we do, more seldom.
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      say(page.dataset.lost);
      setTimeout(listen, 60000);
    });
  };

  // Hidden boards ask for nothing.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) listen();
    else if (stream) stream.close();
  });
  listen();
})();
