/* One execution: the state machine lit by what happened, and each visit of a state in detail. */

import { h, heading } from "/shop/dom.js";
import * as api from "./api.js";
import { button, card, data, facts, hint, pill, svg, table, time, unread, unreadCard } from "./parts.js";
import { moment, outcomeInWords, short, span } from "./words.js";

const COLUMN = 190;
const ROW = 74;
const BOX = { width: 172, height: 40 };
const MARGIN = 44;
const LONGEST_CAUSE = 400;

export async function executionView(context, id, { number = "1", visit }) {
  const run = context.read(await api.run(id, number));
  const panel = h("div", { class: "stack", id: "visit" });
  const list = h("ol", { class: "visits" });
  const choose = (place) => {
    for (const [at, item] of [...list.children].entries()) {
      const link = item.firstElementChild;
      if (at !== place) link.removeAttribute("aria-current");
      else link.setAttribute("aria-current", "true");
    }
    panel.replaceChildren(...visitParts(run, run.visits[place], place));
    history.replaceState(null, "", `/runs/${id}?number=${number}&visit=${place}`);
  };
  const longest = Math.max(...run.visits.map((each) => each.seconds), 0.001);
  list.append(...run.visits.map((each, place) => h("li", {}, visitButton(each, longest, () => choose(place)))));
  const failed = run.visits.findLastIndex((each) => each.outcome === "failed");
  if (run.visits.length) choose(Number(visit ?? (failed >= 0 ? failed : run.visits.length - 1)));

  const show = () => { list.scrollTop = (list.querySelector("[aria-current]")?.offsetTop ?? 0) - list.offsetTop - list.clientHeight / 2; };
  return { title: `Execution of ${short(id)}`, element: h("div", { class: "stack" },
    h("div", { class: "title" }, heading(`Execution of order ${short(id)}`), pill(run.status)),
    unreadCard(run),
    h("section", { class: "card", "aria-label": "Summary" }, facts([
      ["Order", h("a", { href: `/orders/${id}` }, id)],
      ["Run", `${run.run}${run.redrives ? `, redriven ${run.redrives} times` : ""}`],
      ["Started", time(run.startedAt)],
      ["Ended", run.endedAt && `${moment(run.endedAt)}, after ${span((new Date(run.endedAt) - new Date(run.startedAt)) / 1000)}`],
      ["Error", run.error],
      ["Cause", shortened(run.cause)],
      ["Trace", run.traceId && (run.traceLink ? h("a", { href: run.traceLink, target: "_blank", rel: "noopener" }, run.traceId) : h("code", {}, run.traceId))],
      ["In AWS's console", run.link && h("a", { href: run.link, target: "_blank", rel: "noopener" }, "Step Functions")],
    ])),
    h("div", { class: "execution" },
      card("States", unread(run, "state machine") ?? h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Drawing of the state machine" },
        drawing(run, (name) => choose(run.visits.findLastIndex((each) => each.name === name)))), legend()),
      h("div", { class: "stack" }, card("Visits", unread(run, "history of the execution") ?? list), h("section", { class: "card", "aria-label": "Visit" }, panel)))), shown: show };
}

function visitButton(visit, longest, onClick) {
  const [colour, words] = outcomeInWords(visit.outcome);
  const width = Math.max((visit.seconds / longest) * 100, 1);
  return h("button", { type: "button", class: "visit", on: { click: onClick } },
    h("span", { class: `dot ${colour}` }), h("span", { class: "name" }, visit.name),
    h("span", { class: "hint" }, [words === "succeeded" ? null : words, visit.retries ? `${visit.retries} retries` : null, span(visit.seconds)].filter(Boolean).join(", ")),
    svg("svg", { class: "bar-line", viewBox: "0 0 100 3", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { width, height: 3, class: colour })));
}

function visitParts(run, visit, place) {
  const [colour, words] = outcomeInWords(visit.outcome);
  const lines = h("div", { class: "stack" });
  const showLogs = async () => {
    lines.replaceChildren(hint("Reading …"));
    try {
      const until = visit.endedAt ? new Date(new Date(visit.endedAt).getTime() + 1500).toISOString() : "";
      const answer = await api.logs(run.orderId, { since: visit.enteredAt, until });
      lines.replaceChildren(...logLines(answer.lines));
    } catch (error) {
      lines.replaceChildren(h("p", { class: "problem" }, error.message));
    }
  };
  if (visit.error && visit.outcome !== "succeeded") showLogs();
  return [
    h("div", { class: "title" }, h("h2", {}, visit.name), pill(words, colour)),
    facts([
      ["Visit", `${place + 1} of ${run.visits.length}`], ["Entered", time(visit.enteredAt)], ["Duration", span(visit.seconds)],
      ["Retries", visit.retries ? String(visit.retries) : null], ["Error", visit.error], ["Cause", shortened(visit.cause)],
    ]),
    visit.traceback ? part("Traceback", data(visit.traceback)) : null,
    visit.attempts.length ? part("Attempts", table("Attempts", ["At", "Took", "Error", "Cause"], visit.attempts.map((each) =>
      [time(each.at), each.seconds === null ? "" : span(each.seconds), each.error ?? "succeeded", shortened(each.cause)]))) : null,
    part("Input", data(visit.input)),
    part("Output", data(visit.isOver ? visit.output : "not yet")),
    part("Variables", run.recordsVariables
      ? data({ ...visit.variables, ...visit.assigned })
      : hint("The emulator's history records no variables; that of Step Functions does.")),
    part("Logs", button("Read the logs", showLogs, "quiet small"), lines),
  ].filter(Boolean);
}

const part = (words, ...content) => h("div", { class: "stack part" }, h("h3", {}, words), ...content);

const shortened = (text) => (text && text.length > LONGEST_CAUSE ? `${text.slice(0, LONGEST_CAUSE)} …` : text);

function logLines(lines) {
  if (!lines.length) return [hint("Nothing was logged about the order in that time.")];
  return [h("ul", { class: "list logs" }, ...lines.map((line) => h("li", {},
    h("span", { class: "hint" }, `${moment(line.at)} ${line.function} ${line.level}`), h("span", {}, line.message),
    line.exception ? h("pre", { tabindex: "0" }, line.exception) : null)))];
}

/* --- the drawing --- */

function drawing({ graph, visits }, onChoose) {
  const outcomes = Object.fromEntries(visits.map((visit) => [visit.name, visit.outcome]));
  const taken = new Set(visits.slice(1).map((visit, at) => `${visits[at].name}>${visit.name}`));
  const at = ({ x, y }) => [x * COLUMN + COLUMN / 2, y * ROW + ROW / 2];
  const places = Object.fromEntries(graph.states.map((state) => [state.name, at(state)]));
  const width = (Math.max(...graph.states.map((state) => state.x), ...graph.arrows.flatMap((arrow) => arrow.bends.map(([x]) => x))) + 1) * COLUMN + MARGIN;
  const height = (Math.max(...graph.states.map((state) => state.y)) + 1) * ROW;
  const arrows = graph.arrows.filter((arrow) => arrow.isMain || taken.has(`${arrow.from}>${arrow.to}`));
  const lit = (arrow) => taken.has(`${arrow.from}>${arrow.to}`);
  const label = `The state machine. Visited: ${visits.map((visit) => `${visit.name} ${outcomeInWords(visit.outcome)[1]}`).join(", ")}.`;
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, class: "graph", role: "img", "aria-label": label },
    svg("defs", {}, ...["", "lit"].map((kind) => svg("marker", { id: `head${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
      svg("path", { d: "M0 0L8 4L0 8z", class: `head ${kind}` })))),
    ...arrows.sort((one, other) => lit(one) - lit(other)).map((arrow) => svg("path", {
      d: way(places[arrow.from], arrow.bends.map(([x, y]) => at({ x, y })), places[arrow.to]),
      class: `arrow ${arrow.isCaught ? "caught" : ""} ${lit(arrow) ? "lit" : ""}`, "marker-end": `url(#head${lit(arrow) ? "lit" : ""})`,
    })),
    ...graph.states.map((state) => stateBox(state, places[state.name], outcomes[state.name], onChoose)));
}

function stateBox(state, [x, y], outcome, onChoose) {
  const box = svg("g", { class: `box ${outcome ? outcomeInWords(outcome)[0] : "idle"}` },
    svg("title", {}, `${state.name}: ${state.meaning}`),
    svg("rect", { x: x - BOX.width / 2, y: y - BOX.height / 2, width: BOX.width, height: BOX.height, rx: state.kind === "choice" || state.kind === "closed" ? 20 : 6 }),
    svg("text", { x, y: y + 5 }, state.name));
  if (outcome) box.addEventListener("click", () => onChoose(state.name));
  return box;
}

/** A curve from a state through the bends to another; arrows that lead back swing out to the side. */
function way([x1, y1], bends, [x2, y2]) {
  const half = BOX.height / 2;
  if (y2 <= y1) {
    const side = Math.max(x1, x2) + BOX.width / 2 + 24;
    return `M${x1 + BOX.width / 2} ${y1}C${side + 20} ${y1} ${side + 20} ${y2} ${x2 + BOX.width / 2 + 2} ${y2}`;
  }
  const points = [[x1, y1 + half], ...bends, [x2, y2 - half - 2]];
  return points.slice(1).reduce((path, [x, y], at) => {
    const [fromX, fromY] = points[at];
    const middle = (fromY + y) / 2;
    return `${path}C${fromX} ${middle} ${x} ${middle} ${x} ${y}`;
  }, `M${x1} ${y1 + half}`);
}

function legend() {
  const kinds = [["good", "succeeded"], ["busy", "running"], ["waiting", "caught or retried"], ["bad", "failed"], ["idle", "not visited"]];
  return h("ul", { class: "legend states" }, ...kinds.map(([colour, words]) => h("li", { class: colour }, words)));
}
