// Scripts of the lender's pages: what updates by itself, and keys.
(() => {
  "use strict";
  // What is worked out in the background is looked at again, while somebody looks.
  if (document.querySelector("[data-refresh]")) {
    setInterval(() => { if (!document.hidden) location.reload(); }, 3000);
  }
  const keys = document.querySelector("[data-keys]");
  const rows = [...document.querySelectorAll("[data-row]")];
  const form = document.querySelector("[data-approve]");
  if (keys && rows.length) {
    const kept = "forbear-keys";
    document.querySelector("[data-keys-hint]").hidden = false;
    keys.checked = localStorage.getItem(kept) !== "off";
    keys.addEventListener("change", () => localStorage.setItem(kept, keys.checked ? "on" : "off"));
    let at = -1;
    const move = (to) => {
      at = Math.max(0, Math.min(rows.length - 1, to));
      rows.forEach((row, one) => row.toggleAttribute("data-here", one === at));
      rows[at].querySelector("a").focus();
    };
    rows.forEach((row, one) => row.addEventListener("focusin", () => {
      at = one;
      rows.forEach((other, two) => other.toggleAttribute("data-here", two === one));
    }));
    const box = () => at >= 0 && rows[at].querySelector("input[type=checkbox]");
    const does = {
      j: () => move(at + 1),
      k: () => move(at - 1),
      x: () => { const own = box(); if (own) own.checked = !own.checked; },
      a: () => { if (form && form.querySelector("input[name=review]:checked")) form.requestSubmit(); },
      "/": () => document.querySelector("[data-filter]").focus(),
    };
    document.addEventListener("keydown", (event) => {
      const writes = event.target.closest("input:not([type=checkbox]),select,textarea");
      if (!keys.checked || writes || event.ctrlKey || event.metaKey || event.altKey) return;
      const own = does[event.key];
      if (own) { event.preventDefault(); own(); }
    });
  }
})();

(() => {
  "use strict";
  // Back to a form as it was filled in, and not to a fresh one.
  document.querySelector("a[data-back]")?.addEventListener("click", (event) => {
    if (history.length > 1) { event.preventDefault(); history.back(); }
  });
})();

(() => {
  "use strict";
  // A part of a page with data-live="seconds" and an id is fetched anew with its page, and put in its place. Nothing is fetched
  // while nobody looks, or while somebody writes in it.
  for (const part of document.querySelectorAll("[data-live][id]")) {
    const pause = Math.max(2, Number(part.dataset.live) || 5) * 1000;
    let standing = part;
    const lost = (is) => document.querySelectorAll("[data-lost]").forEach((note) => { note.hidden = !is; });
    const look = async () => {
      if (!document.hidden && !standing.contains(document.activeElement)) {
        try {
          const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
          const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = page && page.getElementById(part.id);
          lost(!fresh);
          if (fresh) {
            const taken = document.importNode(fresh, true);
            standing.replaceWith(taken);
            standing = taken;
            if (!("live" in taken.dataset)) return;
          }
        } catch {
          // The next look may find it.
          lost(true);
        }
      }
      setTimeout(look, pause);
    };
    setTimeout(look, pause);
  }
})();
