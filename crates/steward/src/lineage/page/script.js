
"use strict";
(() => {
  const stops = new Map();
  const below = new Map();
  const last = new Map();
  const name = (stop) => stop.closest("[id]").id;
  const above = (stop) => (stop.dataset.from ?? "").split(" ").filter((id) => stops.has(id));

  for (const stop of document.querySelectorAll(".stop")) {
    stops.set(name(stop), stop);
  }
  for (const [id, stop] of stops) {
    for (const parent of above(stop)) {
      below.set(parent, [...(below.get(parent) ?? []), id]);
    }
  }

  // From here along all lines one way.
  const way = (from, next) => {
    const found = new Set([from]);
    for (const id of found) {
      for (const other of next(id)) {
        found.add(other);
      }
    }
    return found;
  };
  const light = (stop) => {
    const ways = stop
      ? [way(name(stop), (id) => above(stops.get(id))), way(name(stop), (id) => below.get(id) ?? [])]
      : [];
    for (const line of document.querySelectorAll("[data-ends]")) {
      const ends = line.dataset.ends.split(" ");
      line.classList.toggle("lit", ways.some((way) => ends.every((end) => way.has(end))));
    }
  };
  const stopOf = (target) => target instanceof Element && (target.closest(".card") ?? target.closest(".stop"));
  document.addEventListener("focusin", (event) => light(stopOf(event.target)));
  document.addEventListener("focusout", () => light(null));
  document.addEventListener("mouseover", (event) => light(stopOf(event.target) || stopOf(document.activeElement)));

  const neighbour = (stop, key) => {
    const id = name(stop);
    if (key === "ArrowLeft") {
      const parents = above(stop);
      const parent = parents.find((parent) => last.get(parent) === id) ?? parents[0];
      last.set(parent, id);
      return parent;
    }
    if (key === "ArrowRight") {
      return last.get(id) ?? below.get(id)?.[0];
    }
    const column = [...stop.closest("ul").querySelectorAll(".stop")].map(name);
    const at = column.indexOf(id);
    return { ArrowUp: column[at - 1], ArrowDown: column[at + 1] }[key];
  };
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches(".stop") || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    const next = stops.get(neighbour(event.target, event.key));
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
  for (const keys of document.querySelectorAll(".keys")) {
    keys.hidden = false;
  }

  for (const table of document.querySelectorAll("table")) {
    const headings = [...table.querySelectorAll("thead th")];
    const rows = table.tBodies[0];
    for (const [at, heading] of headings.entries()) {
      const key = (row) => row.cells[at].querySelector("time")?.dateTime ?? row.cells[at].textContent;
      const button = document.createElement("button");
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const turn = heading.ariaSort === "ascending" ? -1 : 1;
        for (const other of headings) {
          other.ariaSort = null;
        }
        heading.ariaSort = turn > 0 ? "ascending" : "descending";
        rows.append(...[...rows.rows].sort(
          (one, other) => turn * key(one).localeCompare(key(other), undefined, { numeric: true }),
        ));
      });
    }
  }

  // What was asked for is in view, however far to the right it stands.
  const asked = document.querySelector(".stage .is-asked")?.getBoundingClientRect();
  if (asked && !location.hash && asked.right > innerWidth) {
    scrollTo({ left: asked.left - (innerWidth - asked.width) / 2, behavior: "instant" });
  }
})();
