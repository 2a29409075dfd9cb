// The pure helpers of the compare widget; run by test_compare_widget.py.
import assert from "node:assert/strict";
import test from "node:test";

const { default: widget, ...helpers } = await import(process.env.NBMLOPS_WIDGET);
const { courier, failing, label, objection, options, PATIENCE_MS, staysInside } = helpers;

const state = (more) => ({
  challenger: "delays/2", holder: "delays/1", alias: "champion",
  gates: [{ name: "a", passed: true, detail: "" }], ...more,
});

test("the module gives what anywidget asks for", () => {
  assert.equal(typeof widget.render, "function");
});

test("a version is written with its aliases", () => {
  assert.equal(label({ ref: "delays/2", aliases: [], what: "" }), "delays/2");
  assert.equal(
    label({ ref: "delays/1", aliases: ["champion", "x"], what: "" }),
    "delays/1 · champion · x",
  );
});

test("promote is open only if no gate fails", () => {
  assert.deepEqual(options(state({})), { promote: true, force: false, why: "" });
  const none = { name: "b", passed: null, detail: "" };
  assert.equal(options(state({ gates: [none] })).promote, true);
  const bad = { name: "c", passed: false, detail: "" };
  const closed = options(state({ gates: [none, bad, bad] }));
  assert.equal(closed.promote, false);
  assert.equal(closed.force, true);
  assert.equal(closed.why, "2 gates fail: Promote is closed.");
  assert.equal(failing([none, bad]), 1);
});

test("nothing can be done with what holds the alias, or was not judged", () => {
  const held = options(state({ holder: "delays/2" }));
  assert.deepEqual([held.promote, held.force], [false, false]);
  const unjudged = options(state({ gates: null }));
  assert.deepEqual([unjudged.promote, unjudged.force], [false, false]);
});

test("the comparison speaks against what it finds worse, until it is promoted", () => {
  assert.equal(objection(state({ against: false })), "");
  const against = state({ against: true });
  assert.equal(objection(against), "The comparison speaks against it.");
  assert.equal(objection({ ...against, holder: "delays/2" }), "");
});

function clock() {
  const timers = new Map();
  return {
    timers,
    set: (call, ms) => { timers.set(timers.size + 1, { call, ms }); return timers.size; },
    clear: (timer) => timers.delete(timer),
  };
}

test("a message that nobody hears is told after two seconds", () => {
  const told = [];
  const time = clock();
  const mail = courier(() => {}, (lost) => told.push(lost), time);
  mail.ask({ verb: "hello" });
  const [timer] = time.timers.values();
  assert.equal(timer.ms, PATIENCE_MS);
  assert.equal(PATIENCE_MS, 2000);
  timer.call();
  assert.deepEqual(told, [true]);
  mail.heard({ id: 1 });
  assert.deepEqual(told, [true, false]);
});

test("a message that is heard in time is not told of", () => {
  const time = clock();
  const sent = [];
  const mail = courier((content) => sent.push(content), () => {}, time);
  mail.ask({ verb: "hello" });
  mail.heard({ id: sent[0].id });
  assert.equal(time.timers.size, 0);
});

test("a connection that refuses is told at once", () => {
  const told = [];
  const time = clock();
  const mail = courier(() => { throw new Error("Cannot send"); }, (l) => told.push(l), time);
  assert.equal(mail.ask({}), false);
  assert.deepEqual(told, [true]);
  assert.equal(time.timers.size, 0);
});

test("key presses stay inside but for the host's chords", () => {
  const press = (key, ctrlKey = false, metaKey = false) => ({ key, ctrlKey, metaKey });
  for (const key of ["b", "ArrowDown", "Escape", "Enter"]) {
    assert.equal(staysInside(press(key)), true);
  }
  assert.equal(staysInside(press("s", true)), false);
  assert.equal(staysInside(press("s", false, true)), false);
  assert.equal(staysInside(press("Enter", true)), true);
});
