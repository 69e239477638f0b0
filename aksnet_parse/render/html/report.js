"use strict";

// Everything here works on what the page holds already: it filters, folds, sorts, sizes and lights up.

const ZOOMS = [40, 55, 70, 85, 100, 125, 150, 200];

function wiring(section) {
  const rows = [...section.querySelectorAll("tbody tr[data-pod]")];
  const lanes = new Map();
  for (const lane of section.querySelectorAll("svg .aks-pod-row")) lanes.set(lane.dataset.pod, lane);
  const pictures = [...section.querySelectorAll(".picture svg")];
  const region = section.querySelector(".picture");
  const folded = new Set();
  const chosen = section.querySelector(".chosen");
  const tools = section.querySelector(".tools");
  let current = null;

  // --- which pods are shown

  const texts = new Map();

  function details(row) {
    return document.getElementById(`${row.id}-details`).content;
  }

  function wordsOf(row) {
    if (!texts.has(row)) {
      const known = details(row).querySelector("dl").textContent;
      texts.set(row, `${[...row.cells].map((cell) => cell.textContent).join(" ")} ${known}`.toLowerCase());
    }
    return texts.get(row);
  }

  function isWanted(row) {
    const words = tools.querySelector("input[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
    const statuses = [...tools.querySelectorAll("[name=status]:checked")].map((box) => box.value);
    const broken = tools.querySelector("[name=broken]");
    return words.every((word) => wordsOf(row).includes(word)) && statuses.includes(row.dataset.status) &&
      !(broken && broken.checked && !("broken" in row.dataset));
  }

  function show() {
    let count = 0;
    const wanted = new Set();
    for (const row of rows) {
      row.hidden = !isWanted(row);
      if (!row.hidden) {
        wanted.add(row.dataset.pod);
        count += 1;
      }
    }
    let group = null;
    for (const picture of pictures) {
      let top = 0;
      for (const part of picture.querySelectorAll(":scope > g")) {
        if (part.classList.contains("aks-group")) group = part;
        const isPod = part.classList.contains("aks-pod-row");
        const isOfGroup = isPod || part.classList.contains("aks-other");
        const hidden = isOfGroup && ((isPod && !wanted.has(part.dataset.pod)) || folded.has(group));
        part.toggleAttribute("hidden", hidden);
        part.setAttribute("display", hidden ? "none" : "inline");
        if (hidden) continue;
        part.setAttribute("transform", `translate(0 ${top})`);
        top += Number(part.dataset.height);
      }
      const width = picture.viewBox.baseVal.width;
      picture.setAttribute("viewBox", `0 0 ${width} ${Math.max(top, 0.01)}`);
      picture.dataset.height = top;
    }
    resize();
    tools.querySelector(".shown").textContent = count === rows.length ? "" : `${count} of ${rows.length} pods`;
    stops();
  }

  // --- how large

  let zoom = ZOOMS.indexOf(100);

  function resize() {
    for (const picture of pictures) {
      picture.setAttribute("width", picture.viewBox.baseVal.width * ZOOMS[zoom] / 100);
      picture.setAttribute("height", Number(picture.dataset.height) * ZOOMS[zoom] / 100);
    }
    tools.querySelector("output").textContent = `${ZOOMS[zoom]}%`;
  }

  // --- one pod and its way

  function choose(number, { focus = false } = {}) {
    for (const part of section.querySelectorAll(".lit")) part.classList.remove("lit");
    for (const lane of lanes.values()) lane.setAttribute("aria-pressed", String(lane.dataset.pod === number));
    current = number;
    chosen.hidden = number === null;
    if (number === null) return;
    const row = rows.find((one) => one.dataset.pod === number);
    row.classList.add("lit");
    for (const part of wayOf(lanes.get(number))) part.classList.add("lit");
    const place = chosen.querySelector(":scope > div");
    place.replaceChildren(details(row).cloneNode(true));
    const way = [...row.cells].slice(3, 6).map((cell) => cell.textContent);
    if ("attached" in row.dataset) way.push(section.dataset.way);
    place.querySelector(".way").textContent = way.filter(Boolean).join(" → ");
    for (const link of place.querySelectorAll(".cited li:not(.more) > a:only-child")) {
      const code = document.createElement("code");
      code.textContent = document.getElementById(link.hash.slice(1)).textContent.trim();
      link.after(code);
    }
    chosen.scrollTop = 0;
    reveal(lanes.get(number), region);
    reveal(row, row.closest(".scroll"));
    if (focus) place.focus({ preventScroll: true });
  }

  // What was chosen must not lie below what is told of it, nor outside of what scrolls.
  function reveal(part, around) {
    if (!part || !part.getClientRects().length) return;
    const box = part.getBoundingClientRect();
    const frame = around.getBoundingClientRect();
    const bottom = Math.min(frame.bottom, chosen.getBoundingClientRect().top) - 8;
    const top = Math.max(frame.top, 0) + 40;
    if (bottom - top < box.height) return;
    if (box.bottom > bottom) around.scrollTop += box.bottom - bottom;
    else if (box.top < top) around.scrollTop -= top - box.top;
  }

  // The pod's row, what it shares with others up to its bridge, and the uplink up to the gateway.
  function wayOf(lane) {
    if (!lane) return [];
    const lit = [lane];
    const parts = pictures.flatMap((picture) => [...picture.querySelectorAll(":scope > g")]);
    let onBus = lane.querySelector(".aks-bus") !== null;
    let onTrunk = !onBus && lane.querySelector(".aks-route:not(.aks-unknown)") !== null;
    for (const part of parts.slice(0, parts.indexOf(lane) + 1).reverse()) {
      if (onBus) lit.push(...part.querySelectorAll(".aks-bus"));
      if (onBus && part.querySelector(".aks-bridge")) {
        lit.push(...part.querySelectorAll(".aks-bridge, .aks-wire, .aks-dot"));
        onBus = false;
        onTrunk = true;
      }
      if (onTrunk) lit.push(...part.querySelectorAll(".aks-trunk, .aks-uplink, .aks-gateway"));
      if (onTrunk && part.classList.contains("aks-head")) lit.push(...part.querySelectorAll(".aks-wire"));
    }
    return lit;
  }

  // What is pointed at is shown as long as it is; what was chosen stays.
  let hinted = null;

  function hint(lane) {
    if (lane === hinted) return;
    for (const part of section.querySelectorAll(".hinted")) part.classList.remove("hinted");
    hinted = lane;
    for (const part of wayOf(lane)) part.classList.add("hinted");
    const row = lane && rows.find((one) => one.dataset.pod === lane.dataset.pod);
    if (row) row.classList.add("hinted");
  }

  region.addEventListener("pointerover", (event) => hint(event.target.closest(".aks-pod-row")));
  region.addEventListener("pointerleave", () => hint(null));
  for (const row of rows) {
    row.addEventListener("pointerenter", () => hint(lanes.get(row.dataset.pod) ?? null));
    row.addEventListener("pointerleave", () => hint(null));
  }

  // --- keyboard: one stop for the picture's rows, arrows between them

  function targets() {
    return [...section.querySelectorAll(".picture [role=button]:not([hidden])")];
  }

  function stops() {
    const all = targets();
    const stop = all.find((one) => one.dataset.pod === current && current !== null) || all[0];
    for (const one of all) one.setAttribute("tabindex", one === stop ? "0" : "-1");
  }

  function press(target) {
    if (target.classList.contains("aks-group")) {
      if (!folded.delete(target)) folded.add(target);
      target.setAttribute("aria-expanded", String(!folded.has(target)));
      show();
    } else {
      choose(target.dataset.pod);
    }
  }

  for (const picture of pictures) {
    picture.setAttribute("role", "group");
    picture.dataset.height = picture.viewBox.baseVal.height;
    for (const part of picture.querySelectorAll(":scope > .aks-pod-row, :scope > .aks-group")) {
      part.setAttribute("role", "button");
      part.setAttribute("tabindex", "-1");
      part.setAttribute("aria-label", part.querySelector("title").textContent);
      part.setAttribute(part.classList.contains("aks-group") ? "aria-expanded" : "aria-pressed",
        String(part.classList.contains("aks-group")));
    }
  }
  region.addEventListener("click", (event) => {
    const target = event.target.closest("[role=button]");
    if (target) press(target);
  });
  region.addEventListener("keydown", (event) => {
    const target = event.target.closest("[role=button]");
    if (!target) return;
    const all = targets();
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -all.length, End: all.length };
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      press(target);
    } else if (event.key in steps) {
      event.preventDefault();
      const next = Math.min(Math.max(all.indexOf(target) + steps[event.key], 0), all.length - 1);
      target.setAttribute("tabindex", "-1");
      all[next].setAttribute("tabindex", "0");
      all[next].focus();
    }
  });

  // --- the table

  for (const row of rows) {
    const cell = row.querySelector(".name");
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => choose(row.dataset.pod));
  }
  const body = section.querySelector("tbody");
  const order = new Intl.Collator("en", { numeric: true });
  [...section.querySelectorAll("thead th")].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of section.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      rows.sort((one, other) =>
        direction * order.compare(one.cells[column].textContent, other.cells[column].textContent));
      body.append(...rows);
    });
  });

  chosen.querySelector(".close").addEventListener("click", () => {
    const before = lanes.get(current);
    choose(null);
    if (before) before.focus();
  });
  section.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && current !== null) choose(null);
  });
  tools.addEventListener("input", show);
  for (const button of tools.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      zoom = Math.min(Math.max(zoom + Number(button.dataset.zoom), 0), ZOOMS.length - 1);
      resize();
    });
  }
  tools.hidden = false;
  stops();
  return { id: section.dataset.node, choose };
}

const wirings = [...document.querySelectorAll(".wiring")].filter((one) => one.querySelector("tbody")).map(wiring);

// A link to a line or a pod that is folded away opens what it is in.
function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id && document.getElementById(id);
  if (!target) return;
  let hidden = false;
  for (let around = target; around; around = around.parentElement) {
    if (around instanceof HTMLDetailsElement && !around.open) hidden = around.open = true;
  }
  if ("pod" in target.dataset) {
    const node = target.closest(".wiring").dataset.node;
    const found = wirings.find((one) => one.id === node);
    target.hidden = false;
    found.choose(target.dataset.pod, { focus: true });
  }
  if (hidden) target.scrollIntoView({ block: "center" });
}

window.addEventListener("hashchange", follow);
follow();
