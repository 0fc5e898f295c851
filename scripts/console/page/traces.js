/* An order's traces: each part of the system that worked for it, below its caller, with when and how long. */

import { h } from "/shop/dom.js";
import * as api from "./api.js";
import { button, card, hint, svg, table } from "./parts.js";
import { moment, span } from "./words.js";

const COLOURS = { ok: "good", error: "waiting", throttled: "waiting", failed: "bad" };
const INDENT = "\u2003";

export function tracesCard(context, orderId) {
  const place = h("div", { class: "stack", role: "status" }, hint("X-Ray is asked when you want to see them."));
  const read = button("Read the traces", async () => {
    place.replaceChildren(hint("Reading …"));
    try {
      const answer = context.read(await api.traces(orderId));
      place.replaceChildren(...(answer.traces.length ? answer.traces.map(one) : [hint(answer.why)]));
    } catch (error) {
      place.replaceChildren(h("p", { class: "problem" }, error.message));
    }
  });
  return card("Traces", read, place);
}

function one(trace) {
  const name = trace.link ? h("a", { href: trace.link, target: "_blank", rel: "noopener" }, trace.id) : h("code", {}, trace.id);
  return h("div", { class: "stack part" },
    h("h3", {}, name, " ", h("span", { class: "hint" }, `${moment(trace.startedAt)}, ${span(trace.seconds)}`)),
    table(`Trace ${trace.id}`, ["Part", "Begin", "Took", "When", "What"], trace.spans.map((each) => row(each, trace))));
}

function row(each, trace) {
  const name = h("span", { class: "trace-part" }, INDENT.repeat(each.depth), h("span", { class: `dot ${COLOURS[each.outcome]}` }), ` ${each.name}`);
  const took = each.seconds === null ? "runs" : span(each.seconds);
  const outcome = each.outcome === "ok" ? "" : `${each.outcome} `;
  return [name, span(each.offset), took, bar(each, trace), `${outcome}${each.what}`];
}

function bar(each, trace) {
  const whole = trace.seconds || 1;
  const x = Math.min((each.offset / whole) * 100, 99);
  const width = Math.max(((each.seconds ?? whole - each.offset) / whole) * 100, 1);
  return svg("svg", { class: "bar-line trace-bar", viewBox: "0 0 100 3", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { x, width, height: 3, class: COLOURS[each.outcome] }));
}
