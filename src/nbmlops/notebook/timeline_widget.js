// @ts-check
// The timeline's front end: it draws what the model holds, and asks for nothing more.
// User text goes in by textContent only.

/**
 * @typedef {{seq: number, at: string, verb: string, on: string, by: string,
 *   told: string, hash: string, detail: string, grave: boolean}} Happening
 * @typedef {{alias: string, ref: string, since: string, until: string | null}} Stay
 * @typedef {{from: number, to: number}} Period in milliseconds since 1970
 * @typedef {{verb: string, by: string, on: string}} Wanted "" is any
 * @typedef {{get(name: string): any,
 *   on(event: string, call: Function): void, off(event: string, call: Function): void
 * }} Model
 */

export const MOST_LANES = 12;
export const PAGE = 50;
const SHORTEST_MS = 1000;
const STEPS_MS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200,
  86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000].map((s) => s * 1000);

/** Give the period of all events, with some air around it.
 * @param {{at: string}[]} events @returns {Period} */
export function whole(events) {
  const times = events.map((event) => Date.parse(event.at));
  const from = Math.min(...times);
  const to = Math.max(...times);
  const air = Math.max(SHORTEST_MS, (to - from) * 0.03);
  return { from: from - air, to: to + air };
}

/** Select the events that are wanted, within a period if there is one.
 * @template {{at: string, verb: string, by: string, on: string}} E
 * @param {E[]} events @param {Wanted} wanted @param {Period} [period] @returns {E[]} */
export function select(events, wanted, period) {
  return events.filter((event) => {
    const at = Date.parse(event.at);
    return (
      (!wanted.verb || event.verb === wanted.verb) &&
      (!wanted.by || event.by === wanted.by) &&
      (!wanted.on || event.on === wanted.on || event.on.startsWith(`${wanted.on}/`)) &&
      (!period || (at >= period.from && at <= period.to))
    );
  });
}

/** List the choices of one filter with how often each occurs, the commonest first.
 * @param {string[]} values @returns {[string, number][]} */
export function choices(values) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** Name the lanes: the commonest verbs, and the rest in one.
 * @param {{verb: string}[]} events @returns {{lanes: string[], of: (verb: string) => number}} */
export function lanes(events) {
  const verbs = choices(events.map((event) => event.verb)).map(([verb]) => verb);
  const own = verbs.length > MOST_LANES ? verbs.slice(0, MOST_LANES - 1) : verbs;
  const all = own.length < verbs.length ? [...own, "others"] : own;
  return { lanes: all, of: (verb) => (own.includes(verb) ? own.indexOf(verb) : own.length) };
}

/** Zoom by a factor, below 1 for closer, around a moment; never beyond the whole.
 * @param {Period} period @param {number} factor @param {Period} most @param {number} [around] */
export function zoomed(period, factor, most, around) {
  const middle = around ?? (period.from + period.to) / 2;
  const span = Math.min(
    Math.max((period.to - period.from) * factor, SHORTEST_MS),
    most.to - most.from,
  );
  const share = (middle - period.from) / (period.to - period.from);
  return moved({ from: middle - span * share, to: middle + span * (1 - share) }, 0, most);
}

/** Move by a share of the span; what is shown stays within the whole.
 * @param {Period} period @param {number} share @param {Period} most @returns {Period} */
export function moved(period, share, most) {
  const span = Math.min(period.to - period.from, most.to - most.from);
  const wished = period.from + share * span;
  const from = Math.max(most.from, Math.min(wished, most.to - span));
  return { from, to: from + span };
}

/** Place round moments along a period: at most `most` of them.
 * @param {Period} period @param {number} most @returns {{at: number, text: string}[]} */
export function ticks(period, most) {
  const wanted = (period.to - period.from) / most;
  const step = STEPS_MS.find((ms) => ms > wanted) ?? STEPS_MS[STEPS_MS.length - 1];
  const found = [];
  for (let at = Math.ceil(period.from / step) * step; at <= period.to; at += step) {
    const iso = new Date(at).toISOString();
    const text = step >= 86400000 ? iso.slice(0, 10) : iso.slice(5, step < 60000 ? 19 : 16);
    found.push({ at, text: text.replace("T", " ") });
  }
  return found;
}

/** Find the event that an arrow key leads to: later ones are to the right.
 * @param {Happening[]} shown newest first @param {number} seq @param {string} key
 * @returns {number} its number; 0 where there is none */
export function stepped(shown, seq, key) {
  if (!shown.length) return 0;
  const at = shown.findIndex((event) => event.seq === seq);
  const last = shown.length - 1;
  const index =
    key === "Home" ? last
    : key === "End" || at < 0 ? 0
    : key === "ArrowLeft" ? Math.min(at + 1, last)
    : Math.max(at - 1, 0);
  return shown[index].seq;
}

/** Write a moment as it is shown: "2026-11-25 04:19:21".
 * @param {number | string} at */
export function moment(at) {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** Read a moment, or a day, as somebody types it; NaN where it is none.
 * @param {string} text in UTC */
export function read(text) {
  const found = /^\s*(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?\s*$/.exec(text);
  return found ? Date.parse(`${found[1]}T${found[2] ?? "00:00"}Z`) : NaN;
}

/** Tell which key presses stay inside: all but the host's own chords, Ctrl+S for one.
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean}} press */
export function staysInside(press) {
  return !(press.ctrlKey || press.metaKey) || press.key === "Enter";
}

const STYLE = `
  .bar { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: end; padding: 8px 0 }
  .bar label { display: grid; gap: 2px; font-size: 12px; color: var(--nbmlops-mute) }
  select, input, button { font: inherit; color: var(--nbmlops-fg); background: var(--nbmlops-bg);
    border: 1px solid var(--nbmlops-grey); border-radius: 4px; height: 30px; padding: 0 8px }
  select { min-width: 110px; max-width: 220px }
  input { width: 158px }
  input[aria-invalid="true"] { border-color: var(--nbmlops-bad); border-style: dashed }
  button { cursor: pointer; font-weight: 600 }
  button:disabled { cursor: default; color: var(--nbmlops-mute); border-style: dashed }
  .chart { position: relative; touch-action: pan-y; cursor: crosshair }
  .chart svg { width: 100%; user-select: none }
  .chart text { font-size: 11px; fill: var(--nbmlops-mute) }
  .chart .held { fill: var(--nbmlops-fill) }
  .chart .held.now { fill: color-mix(in srgb, var(--nbmlops-blue) 26%, transparent) }
  .chart .heldby { fill: var(--nbmlops-fg) }
  .chart .event { fill: var(--nbmlops-blue); stroke: var(--nbmlops-bg); cursor: pointer }
  .chart .event.grave { fill: var(--nbmlops-bad) }
  .chart .event.picked { stroke: var(--nbmlops-fg); stroke-width: 2 }
  .chart line { stroke: var(--nbmlops-fg); stroke-dasharray: 2 3 }
  .chart:focus-visible { outline-offset: -2px !important }
  .chart rect.brush { fill: color-mix(in srgb, var(--nbmlops-blue) 16%, transparent) }
  .say { font-size: 12px; color: var(--nbmlops-mute); padding: 2px 0 6px }
  .picked-event { border: 1px solid var(--nbmlops-rule); border-radius: 6px; background: var(--nbmlops-wash);
    padding: 10px 14px; margin: 4px 0 10px }
  .picked-event pre { margin: 0; font: 12px/1.4 var(--nbmlops-mono); white-space: pre-wrap; overflow-wrap: anywhere;
    max-height: 260px; overflow-y: auto }
  .picked-event code, td { overflow-wrap: anywhere }
  .events { max-height: 340px; overflow-y: auto }
  td button { height: 22px; padding: 0 6px; font-weight: 400 }
  tr[aria-current="true"] > td { background: var(--nbmlops-wash); font-weight: 600 }
  [hidden] { display: none !important }
`;

/** Make an element with a class and a text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name @param {string} [className] @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]} */
function make(name, className = "", text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Make a drawing's element with its attributes.
 * @param {string} name @param {Record<string, string | number>} [attributes] @param {string} [text] */
function draw(name, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text) element.textContent = text;
  return element;
}

/** Put a control into a bar, under its label.
 * @template {HTMLElement} E
 * @param {HTMLElement} bar @param {string} text @param {E} control @returns {E} */
function labelled(bar, text, control) {
  const outer = make("label", "", text);
  outer.append(control);
  bar.append(outer);
  return control;
}

/** Fill a filter with its choices.
 * @param {HTMLSelectElement} select @param {string} any @param {[string, number][]} found */
function fill(select, any, found) {
  const all = make("option", "", any);
  all.value = "";
  select.replaceChildren(
    all,
    ...found.map(([value, count]) => {
      const option = make("option", "", `${value} (${count})`);
      option.value = value;
      return option;
    }),
  );
}

/** Make all parts of the widget, unconnected. */
function parts() {
  const bar = make("div", "bar");
  const verb = labelled(bar, "What", make("select"));
  const by = labelled(bar, "By", make("select"));
  const on = labelled(bar, "On", make("select"));
  const from = labelled(bar, "From (UTC)", make("input"));
  const to = labelled(bar, "Until (UTC)", make("input"));
  [verb.name, by.name, on.name, from.name, to.name] = ["verb", "by", "on", "from", "to"];
  for (const input of [from, to]) [input.spellcheck, input.autocomplete] = [false, "off"];
  const chart = make("div", "chart");
  chart.tabIndex = 0;
  chart.setAttribute("role", "application");
  chart.setAttribute("aria-label",
    "Timeline. Left and right arrows go from event to event, plus and minus zoom, Escape shows all");
  const buttons = make("div", "bar");
  /** @param {string} text @param {string} name */
  const button = (text, name) => {
    const made = make("button", name, text);
    made.type = "button";
    buttons.append(made);
    return made;
  };
  const nearer = button("Zoom in", "nearer");
  const farther = button("Zoom out", "farther");
  const earlier = button("◀ Earlier", "earlier");
  const later = button("Later ▶", "later");
  const all = button("Show all", "all");
  const say = make("div", "say");
  say.setAttribute("role", "status");
  const picked = make("div", "picked-event");
  picked.setAttribute("aria-live", "polite");
  const list = make("div", "events");
  list.tabIndex = 0;
  list.setAttribute("role", "region");
  list.setAttribute("aria-label", "Events, newest first");
  const more = make("button", "more");
  more.type = "button";
  const frame = make("div", "nbmlops live");
  frame.append(bar, chart, buttons, say, picked, list, more);
  return { frame, verb, by, on, from, to, chart, nearer, farther, earlier, later, all, say, picked, list, more };
}

/** Describe one event in full.
 * @param {Happening} event */
function described(event) {
  const title = make("h3", "", `${event.verb} ${event.on}`);
  const facts = make("dl");
  /** @param {string} term @param {Node | string} value */
  const fact = (term, value) => {
    const cell = make("dd");
    cell.append(value);
    facts.append(make("dt", "", term), cell);
  };
  fact("what", event.told || "nothing more");
  fact("when", `${moment(event.at)} UTC`);
  fact("by", event.by);
  fact("event", `${event.seq}, `);
  facts.lastElementChild?.append(make("code", "", event.hash));
  const detail = make("pre", "", event.detail || "in the history itself");
  detail.tabIndex = 0; // it may scroll
  fact("detail", detail);
  return [title, facts];
}

/** Close the static report that says the same, where it can be reached.
 * @param {string} key @param {Element} host */
function closeTwin(key, host) {
  if (!/^[\w-]+$/.test(key)) return;
  const page = host.closest(".jp-Notebook") ?? document;
  for (const twin of page.querySelectorAll(`details.nbmlops-twin-${key}`)) {
    /** @type {HTMLDetailsElement} */ (twin).open = false;
    const line = twin.querySelector("summary");
    if (!line) continue;
    line.style.font = "12px/1.4 var(--jp-ui-font-family, system-ui, sans-serif)";
    line.textContent = `As a table, for readers without a kernel: ${line.textContent}`;
  }
}

const ROW = 20;
const INSET = 5; // the ring of the focus is drawn inside
const GUTTER = 115;
const MARK = 5;

/** Draw stays and events between two moments.
 * @param {{events: Happening[], stays: Stay[], period: Period, width: number,
 *   picked: number, named: {lanes: string[], of: (verb: string) => number}}} what */
function drawing({ events, stays, period, width, picked, named }) {
  const room = Math.max(60, width - GUTTER - 10);
  /** @param {number} at */
  const x = (at) => GUTTER + ((at - period.from) / (period.to - period.from)) * room;
  const held = [...new Set(stays.map(holding))].slice(0, MOST_LANES);
  const height = ROW * (held.length + named.lanes.length) + 24;
  const svg = draw("svg", { height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const bottom = height - 20;
  for (const tick of ticks(period, Math.max(2, Math.floor(room / 130)))) {
    const at = x(tick.at);
    svg.append(draw("path", { d: `M${at} 0V${bottom}` }));
    const anchor = at > width - 50 ? "end" : "middle";
    svg.append(draw("text", { x: at, y: height - 6, "text-anchor": anchor }, tick.text));
  }
  held.forEach((name, row) => {
    svg.append(draw("text", { x: INSET, y: row * ROW + 14 }, shortened(name, 18)));
    for (const stay of stays.filter((one) => holding(one) === name)) {
      const from = Math.max(x(Date.parse(stay.since)), GUTTER);
      const to = Math.min(stay.until ? x(Date.parse(stay.until)) : GUTTER + room, GUTTER + room);
      if (to < from) continue;
      const box = { x: from, y: row * ROW + 2, width: Math.max(1, to - from - 1), height: ROW - 5, rx: 2 };
      const bar = draw("rect", { ...box, class: stay.until ? "held" : "held now" });
      bar.append(draw("title", {}, `${stay.alias}: ${stay.ref}`));
      svg.append(bar);
      const label = stay.ref.slice(stay.ref.lastIndexOf("/"));
      if (to - from > 8 * label.length) {
        svg.append(draw("text", { x: from + 4, y: row * ROW + 14, class: "heldby" }, label));
      }
    }
  });
  const top = held.length * ROW;
  named.lanes.forEach((lane, row) => {
    const y = top + row * ROW;
    svg.append(draw("path", { d: `M${GUTTER} ${y + 10}H${GUTTER + room}`, class: "nbmlops-faint" }));
    svg.append(draw("text", { x: INSET, y: y + 14 }, lane));
  });
  for (const event of [...events].reverse()) {
    const at = x(Date.parse(event.at));
    const y = top + named.of(event.verb) * ROW + 10;
    const is = event.seq === picked;
    if (is) svg.append(draw("line", { x1: at, x2: at, y1: 0, y2: bottom }));
    const m = is ? MARK + 2 : MARK;
    const kind = `event${event.grave ? " grave" : ""}${is ? " picked" : ""}`;
    const own = { class: kind, "data-seq": event.seq };
    const corners = [[at, y - m - 1], [at + m + 1, y], [at, y + m + 1], [at - m - 1, y]];
    const mark = event.grave
      ? draw("polygon", { ...own, points: corners.join(" ") })
      : draw("circle", { ...own, cx: at, cy: y, r: m });
    mark.append(draw("title", {}, `${moment(event.at)} ${event.verb} ${event.on} by ${event.by}`));
    svg.append(mark);
  }
  return svg;
}

/** Name what is held: "delays champion".
 * @param {Stay} stay */
export function holding(stay) {
  return `${stay.alias} of ${stay.ref.slice(0, stay.ref.lastIndexOf("/"))}`;
}

/** Cut a text to so many characters.
 * @param {string} text @param {number} most */
export function shortened(text, most) {
  const all = [...text];
  return all.length > most ? `${all.slice(0, most - 1).join("")}…` : text;
}

/** Draw the widget, and return what undoes it.
 * @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const host = make("div");
  // Notebook 7 listens before we could stop a key press, but spares this element.
  host.dataset.lmSuppressShortcuts = "true";
  const root = host.attachShadow({ mode: "open" });
  const p = parts();
  root.append(make("style", "", model.get("look")), make("style", "", STYLE), p.frame);
  el.append(host);

  /** @type {Happening[]} */
  const events = model.get("events");
  /** @type {Stay[]} */
  const stays = model.get("stays");
  const most = whole(events);
  const named = lanes(events);
  let period = most;
  let picked = 0;
  let rows = PAGE;
  fill(p.verb, "everything", choices(events.map((event) => event.verb)));
  fill(p.by, "anyone", choices(events.map((event) => event.by)));
  fill(p.on, "anything", choices(events.map((event) => event.on)));

  const wanted = () => ({ verb: p.verb.value, by: p.by.value, on: p.on.value });
  const shown = () => select(events, wanted(), period);
  const chart = () => {
    const width = Math.max(320, p.chart.clientWidth || 720);
    p.chart.replaceChildren(drawing({ events: shown(), stays, period, width, picked, named }));
  };
  const detail = () => {
    const event = events.find((one) => one.seq === picked);
    p.picked.hidden = !event;
    p.picked.replaceChildren(...(event ? described(event) : []));
  };
  const table = () => {
    const found = shown();
    const made = make("table");
    const head = make("tr");
    for (const text of ["Event", "When (UTC)", "What", "On", "Detail", "By"]) {
      const cell = make("th", "", text);
      cell.scope = "col";
      head.append(cell);
    }
    made.append(make("thead"), make("tbody"));
    made.tHead?.append(head);
    for (const event of found.slice(0, rows)) {
      const row = make("tr");
      if (event.seq === picked) row.setAttribute("aria-current", "true");
      const open = make("button", "", String(event.seq));
      open.type = "button";
      open.dataset.seq = String(event.seq);
      open.setAttribute("aria-label", `Event ${event.seq}: ${event.verb} ${event.on}`);
      const first = make("td");
      first.append(open);
      row.append(first);
      const mark = event.grave ? "◆ " : "";
      const told = shortened(event.told, 120);
      for (const text of [moment(event.at), mark + event.verb, event.on, told, event.by]) {
        row.append(make("td", "", text));
      }
      made.tBodies[0].append(row);
    }
    p.list.replaceChildren(made);
    const rest = found.length - rows;
    p.more.hidden = rest <= 0;
    p.more.textContent = `Show ${Math.min(PAGE, rest)} more of ${rest}`;
    const hidden = model.get("left_out");
    const older = hidden ? `; the oldest ${hidden} are in the history itself` : "";
    const grave = found.some((event) => event.grave) ? " ◆: forced, or a check that found something." : "";
    p.say.textContent = `${found.length} of ${events.length} events, ${moment(period.from)} to ${moment(period.to)} UTC${older}.${grave}`;
  };
  // A button that has just been used up would drop the keyboard to the top of the page.
  const keepFocus = () => {
    const at = root.activeElement;
    if (at instanceof HTMLButtonElement && (at.disabled || at.hidden)) p.chart.focus();
  };
  const refresh = () => {
    p.from.value = moment(period.from);
    p.to.value = moment(period.to);
    for (const input of [p.from, p.to]) input.removeAttribute("aria-invalid");
    const isWhole = period.from <= most.from && period.to >= most.to;
    p.farther.disabled = p.earlier.disabled = p.later.disabled = isWhole;
    p.all.disabled = isWhole && !Object.values(wanted()).some(Boolean);
    chart();
    table();
    keepFocus();
  };
  /** @param {Period} next */
  const look = (next) => {
    period = next;
    rows = PAGE;
    refresh();
  };
  /** @param {number} seq */
  const pick = (seq) => {
    picked = seq;
    chart();
    detail();
    for (const row of p.list.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
    const row = p.list.querySelector(`button[data-seq="${seq}"]`)?.closest("tr");
    row?.setAttribute("aria-current", "true");
  };
  const all = () => {
    for (const filter of [p.verb, p.by, p.on]) filter.value = "";
    look(most);
  };
  /** @param {Event} event */
  const clicked = (event) => {
    const seq = Number(/** @type {HTMLElement} */ (event.target).dataset?.seq);
    if (seq) pick(seq);
  };
  const typed = () => {
    const [from, to] = [read(p.from.value), read(p.to.value)];
    if (to - from >= SHORTEST_MS) return look({ from, to });
    for (const input of [p.from, p.to]) {
      input.setAttribute("aria-invalid", String(Number.isNaN(read(input.value)) || to <= from));
    }
  };

  for (const filter of [p.verb, p.by, p.on]) filter.addEventListener("change", () => look(period));
  for (const input of [p.from, p.to]) input.addEventListener("change", typed);
  p.nearer.addEventListener("click", () => look(zoomed(period, 0.5, most)));
  p.farther.addEventListener("click", () => look(zoomed(period, 2, most)));
  p.earlier.addEventListener("click", () => look(moved(period, -0.5, most)));
  p.later.addEventListener("click", () => look(moved(period, 0.5, most)));
  p.all.addEventListener("click", all);
  p.more.addEventListener("click", () => {
    rows += PAGE;
    table();
    keepFocus();
  });
  p.list.addEventListener("click", clicked);
  p.chart.addEventListener("click", clicked);
  p.chart.addEventListener("keydown", (press) => {
    const { key } = press;
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) pick(stepped(shown(), picked, key));
    else if (key === "+" || key === "=") look(zoomed(period, 0.5, most, seen()));
    else if (key === "-") look(zoomed(period, 2, most, seen()));
    else if (key === "Escape") all();
    else return;
    press.preventDefault();
  });
  /** The picked event's moment, if it is in sight: what a zoom keeps in its place. */
  const seen = () => {
    const event = shown().find((one) => one.seq === picked);
    return event && Date.parse(event.at);
  };

  // Dragging over the chart zooms to what was dragged over.
  /** @param {PointerEvent} event */
  const momentAt = (event) => {
    const box = p.chart.getBoundingClientRect();
    const share = (event.clientX - box.left - GUTTER) / (box.width - GUTTER - 10);
    return period.from + Math.max(0, Math.min(1, share)) * (period.to - period.from);
  };
  let start = NaN;
  p.chart.addEventListener("pointerdown", (event) => {
    start = momentAt(event);
  });
  p.chart.addEventListener("pointermove", (event) => {
    const svg = p.chart.querySelector("svg");
    if (!svg || Number.isNaN(start)) return;
    const [from, to] = [start, momentAt(event)].sort((a, b) => a - b);
    const box = svg.viewBox.baseVal;
    const scale = (box.width - GUTTER - 10) / (period.to - period.from);
    svg.querySelector(".brush")?.remove();
    svg.append(draw("rect", {
      x: GUTTER + (from - period.from) * scale, y: 0, width: (to - from) * scale,
      height: box.height, class: "brush",
    }));
  });
  p.chart.addEventListener("pointerleave", () => {
    start = NaN;
    p.chart.querySelector(".brush")?.remove();
  });
  p.chart.addEventListener("pointerup", (event) => {
    const [from, to] = [start, momentAt(event)].sort((a, b) => a - b);
    start = NaN;
    const isDrag = to - from > (period.to - period.from) / 50 && to - from >= SHORTEST_MS;
    if (isDrag) look({ from, to });
    else p.chart.querySelector(".brush")?.remove();
  });
  for (const kind of ["keydown", "keyup", "keypress"]) {
    host.addEventListener(kind, (event) => {
      if (staysInside(/** @type {KeyboardEvent} */ (event))) event.stopPropagation();
    });
  }

  const sized = new ResizeObserver(chart);
  sized.observe(p.chart);
  refresh();
  detail();
  // The host may still be adding our output: only in the page can the twin be found.
  const closing = requestAnimationFrame(() => closeTwin(model.get("twin"), host));
  return () => {
    cancelAnimationFrame(closing);
    sized.disconnect();
    host.remove();
  };
}

export default { render };
