// @ts-check
// The compare widget's front end: it draws from the model's state and asks by messages.
// User text goes in by textContent only; `body` is HTML that Python made and escaped.

/**
 * @typedef {{ref: string, aliases: string[], what: string}} Version
 * @typedef {{name: string, passed: boolean | null, detail: string}} Gate
 * @typedef {{baseline: string, challenger: string, holder: string, alias: string,
 *   actor: string, audit: string, error: string, body: string, twin: string,
 *   versions: Version[], gates: Gate[] | null, against: boolean}} State
 * @typedef {{get(name: string): any, send(content: object): void,
 *   on(event: string, call: Function): void, off(event: string, call: Function): void
 * }} Model
 */

export const PATIENCE_MS = 2000;
export const GONE =
  "No answer: the kernel is gone or busy. If it was restarted, run the cell again.";

/** Write a version for a picker: "delays/2 · champion".
 * @param {Version} version */
export function label(version) {
  return [version.ref, ...version.aliases].join(" · ");
}

/** Count the gates that fail.
 * @param {Gate[] | null} gates */
export function failing(gates) {
  return (gates ?? []).filter((gate) => gate.passed === false).length;
}

/** Say what can be decided about the challenger, and why not.
 * @param {Pick<State, "challenger" | "holder" | "alias" | "gates">} state
 * @returns {{promote: boolean, force: boolean, why: string}} */
export function options(state) {
  const { challenger, holder, alias, gates } = state;
  if (holder === challenger) {
    return { promote: false, force: false, why: `${challenger} is ${alias}.` };
  }
  if (gates === null) {
    return { promote: false, force: false, why: "The gates could not be judged." };
  }
  const count = failing(gates);
  if (count > 0) {
    const gate = count === 1 ? "A gate fails" : `${count} gates fail`;
    return { promote: false, force: true, why: `${gate}: Promote is closed.` };
  }
  return { promote: true, force: false, why: "" };
}

/** Say what the comparison has against the challenger's promotion; "" if nothing.
 * @param {Pick<State, "challenger" | "holder" | "against">} state */
export function objection({ challenger, holder, against }) {
  return against && holder !== challenger ? "The comparison speaks against it." : "";
}

/** Follow messages until they are heard, and tell when one is not.
 * @param {(content: object) => void} send
 * @param {(lost: boolean) => void} tell
 * @param {{set: (call: () => void, ms: number) => any, clear: (timer: any) => void}} clock */
export function courier(send, tell, clock) {
  /** @type {Map<number, any>} */
  const waiting = new Map();
  let last = 0;
  return {
    /** @param {object} content @returns {boolean} */
    ask(content) {
      const id = ++last;
      waiting.set(id, clock.set(() => tell(true), PATIENCE_MS));
      try {
        send({ ...content, id });
      } catch {
        clock.clear(waiting.get(id));
        waiting.delete(id);
        tell(true);
        return false;
      }
      return true;
    },
    /** @param {{id?: number}} reply */
    heard(reply) {
      clock.clear(waiting.get(Number(reply.id)));
      waiting.delete(Number(reply.id));
      tell(false);
    },
    stop() {
      for (const timer of waiting.values()) clock.clear(timer);
      waiting.clear();
    },
  };
}

/** Tell which key presses stay inside: all but the host's own chords, Ctrl+S for one.
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean}} press */
export function staysInside(press) {
  return !(press.ctrlKey || press.metaKey) || press.key === "Enter";
}

const STYLE = `
  .bar { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: end; padding: 8px 0 14px }
  .bar label, .decide label { display: grid; gap: 2px; font-size: 12px; color: var(--nbmlops-mute) }
  .swap { margin-bottom: 0 }
  select, textarea, button { font: inherit; color: var(--nbmlops-fg); background: var(--nbmlops-bg);
    border: 1px solid var(--nbmlops-grey); border-radius: 4px }
  select { height: 30px; padding: 0 8px; min-width: 180px; max-width: 100% }
  textarea { width: 100%; min-height: 54px; padding: 6px 8px; resize: vertical }
  button { min-height: 30px; padding: 4px 12px; overflow-wrap: anywhere; cursor: pointer; font-weight: 600 }
  button.main:not(:disabled) { background: var(--nbmlops-blue); border-color: var(--nbmlops-blue); color: var(--nbmlops-bg) }
  button.risk:not(:disabled) { color: var(--nbmlops-bad); border-color: var(--nbmlops-bad) }
  button:disabled { cursor: default; color: var(--nbmlops-mute); border-style: dashed }
  .decide { display: grid; gap: 8px; margin: 12px 0 8px }
  .row { display: flex; flex-wrap: wrap; gap: 8px }
  .say { font-size: 12px; color: var(--nbmlops-mute) }
  .say.audit { font-size: 13px; font-weight: 600; color: var(--nbmlops-good) }
  .against { font-weight: 600; color: var(--nbmlops-bad) }
  .wrong { color: var(--nbmlops-bad); white-space: pre-line; overflow-wrap: anywhere }
  .lost { border: 1px solid var(--nbmlops-bad); border-radius: 4px; padding: 6px 10px; color: var(--nbmlops-bad) }
  [hidden] { display: none !important }
  .busy { opacity: .55 }
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

/** Make a labelled picker of versions.
 * @param {string} text @param {string} name */
function picker(text, name) {
  const outer = make("label", "", text);
  const select = make("select");
  select.name = name;
  outer.append(select);
  return { outer, select };
}

/** Fill a picker, its choice kept in step with the state.
 * @param {HTMLSelectElement} select @param {Version[]} versions @param {string} chosen */
function fill(select, versions, chosen) {
  select.replaceChildren(
    ...versions.map((version) => {
      const option = make("option", "", label(version));
      option.value = version.ref;
      option.title = version.what;
      return option;
    }),
  );
  select.value = chosen;
}

/** Make all parts of the widget, unconnected. */
function parts() {
  const baseline = picker("Baseline", "baseline");
  const challenger = picker("Challenger", "challenger");
  const bar = make("div", "bar");
  bar.append(baseline.outer, challenger.outer);
  const reason = make("textarea");
  reason.name = "reason";
  reason.maxLength = 2000;
  reason.placeholder = "Why, or why not";
  const outer = make("label", "", "Reason");
  outer.append(reason);
  const promote = make("button", "main");
  const force = make("button", "risk");
  const cancel = make("button", "", "Cancel");
  for (const button of [promote, force, cancel]) button.type = "button";
  const row = make("div", "row");
  row.append(promote, force, cancel);
  const say = make("div", "say");
  say.id = "say"; // ids are local to the shadow root
  promote.setAttribute("aria-describedby", "say");
  say.setAttribute("role", "status");
  const wrong = make("div", "wrong");
  wrong.setAttribute("role", "alert");
  const against = make("div", "against");
  const decide = make("div", "decide");
  decide.append(against, outer, row, say);
  const lost = make("div", "lost");
  lost.setAttribute("role", "alert");
  const body = make("div", "report");
  body.setAttribute("aria-live", "off");
  const live = make("div", "nbmlops-alt");
  live.setAttribute("aria-live", "polite");
  const frame = make("div", "nbmlops live");
  frame.append(bar, lost, wrong, body, live);
  return {
    frame, bar, body, decide, against, say, wrong, lost, live, reason, promote, force,
    cancel, baseline: baseline.select, challenger: challenger.select,
  };
}

/** Put the controls where the report's own decision is, else under the report.
 * @param {HTMLElement} body @param {HTMLElement} decide */
function place(body, decide) {
  const panel = body.querySelector(".nbmlops-panel");
  if (!panel) return body.append(decide);
  const note = panel.querySelector(":scope > .nbmlops-note");
  panel.insertBefore(decide, note);
  note?.remove(); // it says how to promote without this widget
}

/** Close the static report that says the same, once, where it can be reached.
 * @param {string} key @param {Element} host */
function closeTwin(key, host) {
  if (!/^[\w-]+$/.test(key)) return;
  const page = host.closest(".jp-Notebook") ?? document;
  for (const twin of page.querySelectorAll(`details.nbmlops-twin-${key}`)) {
    /** @type {HTMLDetailsElement} */ (twin).open = false;
    const line = twin.querySelector("summary");
    if (!line) continue;
    line.style.font = "12px/1.4 var(--jp-ui-font-family, system-ui, sans-serif)";
    line.textContent = `As first shown, for readers without a kernel: ${line.textContent}`;
  }
}

/** @type {Record<string, string>} */
const CONFIRM = {
  force: "Overriding is an event of its own. It needs a reason and this second click.",
  promote: "The comparison finds it worse. Promoting it needs this second click.",
};

const NAMES = [
  "versions", "baseline", "challenger", "holder", "alias", "actor", "gates", "body",
  "audit", "error", "against",
];

/** Draw the widget, and return what undoes it.
 * @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const host = make("div");
  // Notebook 7 listens before we could stop a key press, but spares this element.
  host.dataset.lmSuppressShortcuts = "true";
  const root = host.attachShadow({ mode: "open" });
  const p = parts();
  root.append(make("style", "", STYLE), p.frame);
  el.append(host);

  let drawn = "";
  let confirming = ""; // "promote" or "force", between its two clicks
  let asking = false;
  /** @type {HTMLElement | null} */
  let last = null; // what had the focus when something was asked
  let isClosed = false; // the twin: not again, if the reader opens it

  /** @returns {State} */
  const state = () => {
    /** @type {any} */
    const found = { twin: model.get("twin") };
    for (const name of NAMES) found[name] = model.get(name);
    return found;
  };
  const mail = courier(
    (content) => model.send(content),
    (lost) => {
      p.lost.textContent = lost ? GONE : "";
      p.lost.hidden = !lost;
      if (!lost) return;
      busy(false);
      draw(); // the pickers go back to what is shown
    },
    { set: (call, ms) => setTimeout(call, ms), clear: (timer) => clearTimeout(timer) },
  );
  /** @param {boolean} value */
  const busy = (value) => {
    asking = value;
    p.frame.classList.toggle("busy", value);
    p.frame.setAttribute("aria-busy", String(value));
    controls();
  };
  /** @param {object} content */
  const ask = (content) => {
    confirming = "";
    last = /** @type {HTMLElement | null} */ (root.activeElement);
    busy(true);
    mail.ask(content);
  };

  const controls = () => {
    const now = state();
    const can = options(now);
    const name = now.challenger;
    const warning = objection(now);
    p.against.textContent = warning;
    p.against.hidden = !warning;
    p.promote.textContent =
      confirming === "promote"
        ? `Yes, promote ${name}`
        : `Promote ${name} to ${now.alias}` + (warning ? " ..." : "");
    p.promote.disabled = !can.promote || asking;
    p.force.hidden = !can.force;
    p.force.disabled = asking || (confirming === "force" && !p.reason.value.trim());
    p.force.textContent =
      confirming === "force"
        ? `Yes, promote past ${failing(now.gates)} failing`
        : "Override ...";
    p.cancel.hidden = !confirming;
    p.reason.disabled = now.holder === name;
    p.say.classList.toggle("audit", !confirming && now.audit !== "");
    p.say.textContent = confirming
      ? CONFIRM[confirming]
      : now.audit || can.why || `Will be recorded in the audit trail, by ${now.actor}.`;
    p.wrong.textContent = now.error;
    p.wrong.hidden = !now.error;
  };
  const draw = () => {
    const now = state();
    fill(p.baseline, now.versions, now.baseline);
    fill(p.challenger, now.versions, now.challenger);
    if (now.body !== drawn) {
      confirming = ""; // what was to be confirmed is not what is shown now
      const focused = /** @type {HTMLElement | null} */ (root.activeElement);
      const open = [...p.body.querySelectorAll("details")].map((d) => d.open);
      p.body.innerHTML = now.body; // Python's own, escaped there
      [...p.body.querySelectorAll("details")].forEach((d, i) => {
        if (open[i]) d.open = true;
      });
      place(p.body, p.decide);
      if (focused?.isConnected) focused.focus();
      if (drawn) p.live.textContent = p.body.querySelector("h2")?.textContent ?? "";
      drawn = now.body;
    }
    controls();
  };

  const compare = () =>
    ask({
      verb: "compare",
      baseline: p.baseline.value,
      challenger: p.challenger.value,
    });
  const decide = (/** @type {object} */ more) =>
    ask({ ref: model.get("challenger"), reason: p.reason.value, ...more });
  const promote = () => {
    if (!objection(state())) return decide({ verb: "promote" });
    if (confirming) return decide({ verb: "promote", confirmed: true });
    confirming = "promote";
    controls();
  };
  const overrule = () => {
    if (confirming) return decide({ verb: "force", confirmed: true });
    confirming = "force";
    controls();
    p.reason.focus();
  };
  const keep = () => {
    const button = confirming === "force" ? p.force : p.promote;
    confirming = "";
    controls();
    button.focus();
  };
  p.baseline.addEventListener("change", compare);
  p.challenger.addEventListener("change", compare);
  p.promote.addEventListener("click", promote);
  p.force.addEventListener("click", overrule);
  p.cancel.addEventListener("click", keep);
  p.reason.addEventListener("input", controls);
  for (const kind of ["keydown", "keyup", "keypress"]) {
    host.addEventListener(kind, (event) => {
      const press = /** @type {KeyboardEvent} */ (event);
      if (staysInside(press)) event.stopPropagation();
      if (press.key === "Escape" && confirming) keep();
    });
  }

  /** @param {{id?: number, heard?: boolean, done?: boolean, ok?: boolean}} reply */
  const receive = (reply) => {
    mail.heard(reply);
    if (!isClosed) closeTwin(model.get("twin"), host);
    isClosed = true;
    if (!reply.done) return;
    if (reply.ok && model.get("audit")) p.reason.value = "";
    busy(false);
    draw(); // a picker that was refused goes back to what is shown
    if (last && document.activeElement === document.body) {
      last.focus(); // a button that was closed meanwhile had lost it
      if (!root.activeElement) p.challenger.focus();
    }
    last = null;
  };
  model.on("msg:custom", receive);
  for (const name of NAMES) model.on(`change:${name}`, draw);
  p.lost.hidden = true;
  draw();
  mail.ask({ verb: "hello" });
  return () => {
    mail.stop();
    model.off("msg:custom", receive);
    for (const name of NAMES) model.off(`change:${name}`, draw);
    host.remove();
  };
}

export default { render };
