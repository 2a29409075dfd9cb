// The pure helpers of the timeline; run by test_timeline_widget.py.
import assert from "node:assert/strict";
import test from "node:test";

const { default: widget, ...helpers } = await import(process.env.NBMLOPS_WIDGET);
const {
  MOST_LANES, choices, holding, lanes, moment, moved, read, select, shortened, staysInside,
  stepped, ticks, whole, zoomed,
} = helpers;

const event = (seq, verb, on, at, by = "ana") => ({ seq, verb, on, at: `2026-11-${at}Z`, by });
const EVENTS = [
  event(4, "promote", "delays/2", "25T12:00:00", "bo"),
  event(3, "check", "delays/1", "20T12:00:00"),
  event(2, "register", "delays/2", "15T12:00:00"),
  event(1, "register", "arrivals/1", "05T12:00:00"),
];
const ANY = { verb: "", by: "", on: "" };
const seqs = (found) => found.map((one) => one.seq);
const DAY = 86_400_000;

test("the module gives what anywidget asks for", () => {
  assert.equal(typeof widget.render, "function");
});

test("filters hold together, and a period's ends belong to it", () => {
  assert.deepEqual(seqs(select(EVENTS, ANY)), [4, 3, 2, 1]);
  assert.deepEqual(seqs(select(EVENTS, { ...ANY, verb: "register" })), [2, 1]);
  assert.deepEqual(seqs(select(EVENTS, { ...ANY, verb: "register", on: "delays/2" })), [2]);
  assert.deepEqual(seqs(select(EVENTS, { ...ANY, by: "bo" })), [4]);
  const period = { from: Date.parse(EVENTS[2].at), to: Date.parse(EVENTS[1].at) };
  assert.deepEqual(seqs(select(EVENTS, ANY, period)), [3, 2]);
});

test("a model's name selects its versions too, not those of a longer name", () => {
  const more = [...EVENTS, event(5, "tag", "delays-x/1", "26T12:00:00")];
  assert.deepEqual(seqs(select(more, { ...ANY, on: "delays" })), [4, 3, 2]);
});

test("the whole has air around its events, even around a single one", () => {
  const all = whole(EVENTS);
  assert.ok(all.from < Date.parse(EVENTS[3].at) && all.to > Date.parse(EVENTS[0].at));
  const one = whole(EVENTS.slice(0, 1));
  assert.ok(one.to > one.from);
});

test("choices are counted, the commonest first", () => {
  assert.deepEqual(choices(["b", "a", "b", "c"]), [["b", 2], ["a", 1], ["c", 1]]);
});

test("each verb has a lane, and the rarest share one where there are many", () => {
  const few = lanes(EVENTS);
  assert.deepEqual(few.lanes, ["register", "check", "promote"]);
  assert.equal(few.of("check"), 1);
  const many = Array.from({ length: 30 }, (_, i) => ({ verb: `v${String(i).padStart(2, "0")}` }));
  const found = lanes(many);
  assert.equal(found.lanes.length, MOST_LANES);
  assert.equal(found.lanes.at(-1), "others");
  assert.equal(found.of("v29"), MOST_LANES - 1);
});

test("a zoom keeps what it is around in its place, and never leaves the whole", () => {
  const most = { from: 0, to: 100 * DAY };
  assert.deepEqual(zoomed(most, 0.5, most), { from: 25 * DAY, to: 75 * DAY });
  assert.deepEqual(zoomed(most, 0.5, most, 20 * DAY), { from: 10 * DAY, to: 60 * DAY });
  assert.deepEqual(zoomed({ from: 0, to: 10 * DAY }, 2, most), { from: 0, to: 20 * DAY });
  assert.deepEqual(zoomed(most, 2, most), most);
  const close = zoomed({ from: 0, to: 1000 }, 0.5, most);
  assert.equal(close.to - close.from, 1000);
});

test("a move ends at the edge of the whole", () => {
  const most = { from: 0, to: 100 };
  assert.deepEqual(moved({ from: 20, to: 40 }, 0.5, most), { from: 30, to: 50 });
  assert.deepEqual(moved({ from: 70, to: 90 }, 5, most), { from: 80, to: 100 });
  assert.deepEqual(moved({ from: 20, to: 40 }, -5, most), { from: 0, to: 20 });
});

test("ticks are round, within the period, and not too many", () => {
  const period = { from: Date.parse("2026-11-05T03:00Z"), to: Date.parse("2026-11-25T12:00Z") };
  const found = ticks(period, 5);
  assert.ok(found.length >= 2 && found.length <= 5);
  assert.ok(found.every(({ at }) => at >= period.from && at <= period.to));
  assert.match(found[0].text, /^2026-11-\d\d$/);
  const close = { from: Date.parse("2026-11-05T03:00:00Z"), to: Date.parse("2026-11-05T03:00:20Z") };
  assert.deepEqual(ticks(close, 4).map(({ text }) => text), [
    "11-05 03:00:00", "11-05 03:00:10", "11-05 03:00:20",
  ]);
});

test("arrows go along time, and stop at its ends", () => {
  assert.equal(stepped(EVENTS, 0, "ArrowRight"), 4);
  assert.equal(stepped(EVENTS, 4, "ArrowLeft"), 3);
  assert.equal(stepped(EVENTS, 3, "ArrowRight"), 4);
  assert.equal(stepped(EVENTS, 4, "ArrowRight"), 4);
  assert.equal(stepped(EVENTS, 1, "ArrowLeft"), 1);
  assert.equal(stepped(EVENTS, 4, "Home"), 1);
  assert.equal(stepped(EVENTS, 1, "End"), 4);
  assert.equal(stepped([], 4, "Home"), 0);
});

test("moments, texts and what is held are written as they are read", () => {
  assert.equal(moment("2026-11-25T04:19:21.500+00:00"), "2026-11-25 04:19:21");
  assert.equal(shortened("abcdef", 4), "abc…");
  assert.equal(shortened("abcd", 4), "abcd");
  assert.equal(holding({ alias: "champion", ref: "delays/2" }), "champion of delays");
});

test("a moment is read as it is written, and a day; nothing else is", () => {
  const at = "2026-11-25 04:19:21";
  assert.equal(moment(read(at)), at);
  assert.equal(moment(read(" 2026-11-25T04:19 ")), "2026-11-25 04:19:00");
  assert.equal(moment(read("2026-11-25")), "2026-11-25 00:00:00");
  for (const text of ["", "soon", "2026-11-25 25:99", "25.11.2026"]) {
    assert.ok(Number.isNaN(read(text)), text);
  }
});

test("the host's own chords go out, other keys do not", () => {
  const press = (key, ctrlKey = false) => ({ key, ctrlKey, metaKey: false });
  assert.equal(staysInside(press("b")), true);
  assert.equal(staysInside(press("s", true)), false);
  assert.equal(staysInside(press("Enter", true)), true);
});
