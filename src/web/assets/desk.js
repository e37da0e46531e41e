// Scripts of the lender's pages: what updates by itself, and keys.
"use strict";

// A part of a page with data-live="seconds" and an id is fetched anew with its page, and put in its place. Nothing is fetched
// while nobody looks, or while somebody writes in it.
for (const part of document.querySelectorAll("[data-live][id]")) {
  const pause = Math.max(2, Number(part.dataset.live) || 5) * 1000;
  let standing = part;
  const look = async () => {
    if (!document.hidden && !standing.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
        const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page && page.getElementById(part.id);
        if (fresh) {
          const taken = document.importNode(fresh, true);
          standing.replaceWith(taken);
          standing = taken;
          if (!("live" in taken.dataset)) return;
        }
      } catch {
        // The next look may find it.
      }
    }
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
