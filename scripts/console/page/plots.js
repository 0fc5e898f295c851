/* Plots, as inline SVG. Each has its figures in its label, for screen readers. */

import { svg } from "./parts.js";
import { clock, plural, PROVIDERS } from "./words.js";

/** A narrow screen gets narrower plots, so that their texts stay readable. */
const NARROW = matchMedia("(max-width: 34rem)");
const widthNow = () => (NARROW.matches ? 360 : 640);
const SERIES = [["accepted", "accepted"], ["links", "got a link"], ["paid", "paid"], ["resumed", "resumed"], ["failed", "failed"]];

/** Orders by status: a bar for each, those that are open first. */
export function statusBars(statuses) {
  const row = 26;
  const width = widthNow();
  const [names, figures] = [150, 60];
  const largest = Math.max(...statuses.map((each) => each.count), 1);
  const label = statuses.filter((each) => each.count).map((each) => `${each.status}: ${each.count}`).join(", ");
  return svg("svg", { viewBox: `0 0 ${width} ${statuses.length * row}`, role: "img", class: "plot", "aria-label": `Orders by status. ${label || "None"}.` },
    ...statuses.flatMap(({ status, count, more, isOpen }, number) => {
      const y = number * row;
      const length = count ? Math.max((count / largest) * (width - names - figures - 10), 3) : 0;
      return [
        svg("text", { x: names, y: y + 18, class: "axis end" }, status.replaceAll("_", " ").toLowerCase()),
        svg("rect", { x: names + 10, y: y + 4, width: length, height: row - 8, rx: 3, class: `count ${isOpen ? status : "closed"}` }),
        svg("text", { x: names + 18 + length, y: y + 18, class: count ? "figure" : "axis" }, more ? `${count}+` : String(count)),
      ];
    }));
}

/** Counts by the minute, as lines over the last hour. */
export function minuteLines({ minutes, series }) {
  const width = widthNow();
  const [height, left, bottom] = [190, 34, 24];
  const top = 8;
  const largest = Math.max(...Object.values(series).flat(), 4);
  const x = (number) => left + (number / (minutes.length - 1)) * (width - left - 8);
  const y = (value) => height - bottom - (value / largest) * (height - bottom - top);
  const sums = SERIES.map(([name, words]) => `${words}: ${series[name].reduce((sum, each) => sum + each, 0)}`);
  const ticks = [0, NARROW.matches ? 30 : 15, 30, NARROW.matches ? 30 : 45, minutes.length - 1];
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "plot", "aria-label": `Orders per minute in the last hour. In all, ${sums.join(", ")}.` },
    ...[0, largest / 2, largest].flatMap((value) => [
      svg("line", { x1: left, x2: width - 8, y1: y(value), y2: y(value), class: "grid" }),
      svg("text", { x: left - 6, y: y(value) + 5, class: "axis end" }, String(Math.round(value))),
    ]),
    ...ticks.map((number) => svg("text", { x: x(number), y: height - 5, class: `axis ${number ? (number === minutes.length - 1 ? "end" : "middle") : ""}` }, clock(minutes[number]))),
    ...SERIES.map(([name]) => svg("polyline", { class: `line ${name}`, points: series[name].map((value, number) => `${x(number)},${y(value)}`).join(" ") })));
}

/** The names of the lines, in their colours. */
export const minuteLegend = () => SERIES.map(([name, words]) => [name, words]);

/** From when a breaker is drawn: somewhat before its first change in the last hour. */
function begin(breaker, now) {
  const [first] = breaker.changes;
  const hour = new Date(breaker.from).getTime();
  if (!first) return hour;
  const since = new Date(first.at).getTime();
  return Math.max(since - Math.max((now - since) * 0.15, 30_000), hour);
}

/** A breaker's states in the last hour, with its probes, and the next one. */
export function breakerTimeline(breaker, at) {
  const [height, top] = [54, 6];
  const width = widthNow();
  const now = new Date(at).getTime();
  const from = begin(breaker, now);
  const next = breaker.isOpen && breaker.nextProbeAt ? breaker.nextProbeAt : null;
  const until = Math.max(now, next ?? 0) + (now - from) * 0.02;
  const x = (ms) => ((Math.max(ms, from) - from) / (until - from)) * width;
  const spans = stretches(breaker, from, now);
  const probes = breaker.changes.filter((change) => change.state === "HALF_OPEN");
  const label = `${PROVIDERS[breaker.provider]}: ${spans.map((each) => `${each.state.toLowerCase().replace("_", " ")} from ${clock(each.from)}`).join(", ")}. `
    + `${plural(probes.length, "probe")}${next ? `, the next at ${clock(next)}` : ""}.`;
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "plot", "aria-label": label },
    ...spans.map((each) => svg("rect", { x: x(each.from), y: top, width: Math.max(x(each.to) - x(each.from), 1.5), height: 20, class: `state ${each.state}` })),
    ...probes.map((probe) => svg("path", { d: `M${x(new Date(probe.at))} ${top - 5} v30`, class: "probe" }, svg("title", {}, `Probe at ${clock(probe.at)}`))),
    next ? svg("path", { d: `M${x(next)} ${top - 5} v30`, class: "probe next" }) : null,
    svg("text", { x: 0, y: height - 6, class: "axis" }, clock(from)),
    svg("text", { x: x(now), y: height - 6, class: "axis end" }, "now"),
    next && x(next) - x(now) > 60 ? svg("text", { x: width, y: height - 6, class: "axis end" }, `probe ${clock(next)}`) : null);
}

const BEFORE = { OPEN: "CLOSED", HALF_OPEN: "OPEN", CLOSED: "HALF_OPEN" };

/** The stretches of time with one state. A forced mode counts as the state that it forces. */
function stretches(breaker, from, now) {
  const [first] = breaker.changes;
  let state = first ? BEFORE[first.state] ?? "CLOSED" : shownState(breaker);
  let mode = "AUTO";
  let actual = state;
  let begin = from;
  const found = [];
  for (const change of breaker.changes) {
    const at = new Date(change.at).getTime();
    mode = change.mode ?? mode;
    actual = change.state ?? actual;
    const becomes = mode === "FORCED_OPEN" ? "OPEN" : mode === "FORCED_CLOSED" ? "CLOSED" : actual;
    if (becomes === state) continue;
    found.push({ state, from: begin, to: at });
    [state, begin] = [becomes, at];
  }
  const last = shownState(breaker);
  found.push({ state, from: begin, to: last === state ? now : now - (now - begin) * 0.02 });
  if (last !== state) found.push({ state: last, from: found.at(-1).to, to: now });
  return found;
}

const shownState = ({ mode, state }) => (mode === "FORCED_OPEN" ? "OPEN" : mode === "FORCED_CLOSED" ? "CLOSED" : state);
