/* Now: what is wrong, whom it affects, what to do, and what goes on. Renews itself. */

import { announce, h, heading } from "/shop/dom.js";
import { openAct } from "./acts.js";
import * as api from "./api.js";
import { button, card, command, countOn, facts, hint, keep, pill, runbook, since, table, unread, unreadCard } from "./parts.js";
import { breakerTimeline, minuteLegend, minuteLines, statusBars } from "./plots.js";
import { clock, money, plural, PROVIDERS, short, span } from "./words.js";

const PAUSE = { local: 5_000, aws: 15_000 };
const SEVERITIES = { act: ["bad", "Needs you"], watch: ["waiting", "Ends by itself"], over: ["over", "Over"] };
const SHOWN_IDS = 6;

export async function nowView(context, number) {
  const sentence = h("p", { class: "headline", id: "headline" });
  const problems = h("div", { class: "stack" });
  const notRead = h("div", { class: "stack" });
  const stale = h("p", { class: "problem", role: "alert" });
  const tiles = h("div", { class: "tiles" });
  const board = h("div", { class: "board" });
  const parts = Object.fromEntries(["statuses", "minutes", "breakers", "queues", "alarms", "recovery"].map((name) => [name, h("div", { class: "stack" })]));
  board.append(
    h("div", { class: "stack" },
      card("Orders by status", hint("Of those that have ended: created in the last hour."), parts.statuses),
      card("Breakers", parts.breakers)),
    h("div", { class: "stack" },
      card("Orders per minute", parts.minutes), card("Recovery", parts.recovery),
      card("Queues", parts.queues), card("Alarms", parts.alarms)),
  );
  const element = h("div", { class: "stack" }, heading("Now"), stale, sentence, problems, notRead, tiles, board);

  function show(answer) {
    const { headline, at } = context.read(answer);
    if (sentence.textContent && sentence.textContent !== headline && worth(sentence.textContent) !== worth(headline)) announce(headline);
    sentence.textContent = headline;
    sentence.className = `headline ${tone(answer)}`;
    stale.textContent = "";
    keep(problems, answer.problems, (found) => found.map((each) => problemCard(context, each)));
    keep(notRead, answer.reads.unread, () => [unreadCard(answer)].filter(Boolean));
    keep(tiles, answer.waiting, (waiting) => (waiting ? waitingTiles(waiting) : []));
    const fill = (name, of, content, render) => keep(parts[name], [content, unread(answer, ...of)?.textContent], () =>
      [...(content === null ? [] : [render(content)].flat()), unread(answer, ...of)].filter(Boolean));
    fill("statuses", ["orders by status"], answer.statuses.length ? answer.statuses : null, statusBars);
    fill("minutes", ["orders per minute"], answer.perMinute, (counts) => [minuteLines(counts), legend(counts)]);
    fill("breakers", Object.values(PROVIDERS).flatMap((name) => [`breaker of ${name}`, `history of ${name}'s breaker`]),
      answer.breakers, (breakers) => breakers.map((each) => breakerPart(context, each, at)));
    fill("queues", answer.reads.unread.flatMap(({ what }) => what.filter((each) => /^(queue of|messages in) /.test(each))), answer.queues, queuesTable);
    fill("alarms", ["alarms"], answer.alarms && [answer.alarms, answer.alarmsInAll], alarmsList);
    fill("recovery", ["recovery's settings", "orders per minute", ...answer.reads.unread.flatMap(({ what }) => what.filter((each) => / orders$/.test(each)))],
      answer.recovery, recoveryFacts);
    countOn(element, at);
  }

  show(await api.now());
  renew(context, number, show, stale);
  return { title: "Now", element };
}

/** The colour of the headline: that of the worst problem; nothing is well that could not be read. */
const tone = ({ problems, reads }) => (problems.length ? SEVERITIES[problems[0].severity][0] : reads.unread.length ? "waiting" : "good");

/** Numbers change all the time: what is announced is a change of what is wrong. */
const worth = (text) => text.replace(/[\d:,.]+/g, "");

function renew(context, number, show, stale) {
  const since = clock(new Date());
  const pause = context.session().isLocal ? PAUSE.local : PAUSE.aws;
  setTimeout(async () => {
    if (!context.isShown(number)) return;
    try {
      if (!document.hidden) show(await api.now());
    } catch (error) {
      stale.textContent ||= `What is below is of ${since}: ${error.message}`;
    }
    renew(context, number, show, stale);
  }, pause);
}

function problemCard(context, problem) {
  const [colour, words] = SEVERITIES[problem.severity];
  const ids = problem.orderIds;
  const least = problem.more ? "at least " : "";
  const acts = [];
  if (problem.act === "replay" || problem.act === "resume") {
    const verb = problem.act === "replay" ? "Replay" : "Resume";
    acts.push(button(`${verb} ${plural(ids.length, "order")} …`, () => openAct(context, { act: problem.act, orderIds: ids }), ""));
  }
  if (problem.act === "breaker") {
    acts.push(button("Set the breaker …", () => openAct(context, { act: "breaker", provider: problem.subject }), ""));
  }
  return h("section", { class: `card problem-card ${colour}`, "aria-label": problem.what },
    h("div", { class: "title" }, h("h2", {}, problem.what), pill(words, colour)),
    facts([
      ["Since", problem.since && h("span", {}, `${clock(problem.since)}${problem.earlier ? " or earlier" : ""} (${problem.earlier ? "at least " : ""}`, since(problem.since), ")")],
      ["Orders", problem.orders ? `${least}${problem.orders}` : null],
      ["Customers", problem.customers ? `${least}${problem.customers}` : null],
      ["Money", problem.kobo ? `${least}${money(problem.kobo)}` : null],
      ["What happens", problem.happens],
      ["What to do", problem.advice],
      ["Command", problem.command && command(problem.command)],
      ["Runbook", problem.runbook && runbook(problem.runbook)],
    ]),
    ids.length ? h("p", { class: "ids" }, ...ids.toReversed().slice(0, SHOWN_IDS).map(orderLink), ids.length > SHOWN_IDS ? h("span", { class: "hint" }, `and ${ids.length - SHOWN_IDS} more`) : null) : null,
    acts.length ? h("div", { class: "actions" }, ...acts) : null);
}

const orderLink = (id) => h("a", { href: `/orders/${id}`, "aria-label": `Order ${short(id)}` }, short(id));

function waitingTiles({ orders, customers, kobo, oldest, more }) {
  const least = more ? "at least " : "";
  return [
    ["Orders stuck", `${least}${orders}`], ["Customers waiting", `${least}${customers}`],
    ["Money waiting", `${least}${money(kobo)}`],
    ["Oldest wait", ...(oldest ? [least, since(oldest)] : [more ? "not known" : "none"])],
  ].map(([name, ...value]) => h("div", { class: "tile" }, h("span", { class: "hint" }, name), h("strong", {}, ...value)));
}

function legend({ series }) {
  return h("ul", { class: "legend" }, ...minuteLegend().map(([name, words]) =>
    h("li", { class: name }, `${words} `, h("strong", {}, String(series[name].reduce((sum, each) => sum + each, 0))))));
}

function breakerPart(context, breaker, at) {
  const name = PROVIDERS[breaker.provider];
  const colour = breaker.isOpen ? "bad" : breaker.state === "CLOSED" ? "good" : "waiting";
  return h("section", { class: "stack", "aria-label": `Breaker of ${name}` },
    h("div", { class: "title" }, h("h3", {}, name), pill(breaker.state.replace("_", " "), colour),
      breaker.mode === "AUTO" ? null : pill(breaker.mode.replace("_", " "), "waiting"),
      button("Set …", () => openAct(context, { act: "breaker", provider: breaker.provider }), "quiet small")),
    breakerTimeline(breaker, at),
    facts([
      ["Lets through", breaker.letsThrough],
      ["Out since", breaker.outSince && `${clock(breaker.outSince)}${breaker.outEarlier ? " or earlier" : ""}`],
      ["Openings", breaker.openings ? `${breaker.openings} in a row` : null],
      ["Reason", breaker.reason],
    ]));
}

function queuesTable(queues) {
  return [table("Queues", ["Queue", "Waiting", "Delayed", "In hand"], queues.map((queue) => [
    queue.name, queue.name.startsWith("dead") && queue.waiting ? pill(String(queue.waiting), "bad") : String(queue.waiting),
    String(queue.delayed), String(queue["in hand"]),
  ]))];
}

function alarmsList([alarms, inAll]) {
  if (!alarms.length) return [hint(`None of ${inAll} alarms is on.`)];
  return [h("ul", { class: "list" }, ...alarms.map((alarm) => h("li", {},
    h("strong", {}, alarm.name), h("span", { class: "hint" }, `since ${clock(alarm.since)}`), h("span", {}, alarm.description))))];
}

function recoveryFacts(recovery) {
  return [facts([
    ["Parked orders", `${recovery.more ? "at least " : ""}${recovery.parked}`],
    ["Resumed", recovery.perMinute === null ? null : `${recovery.perMinute} a minute (the last three minutes)`],
    ["Limit", `${recovery.limitPerSecond} a second`],
    ["Expected end", recovery.endsInSeconds ? `in ${span(recovery.endsInSeconds)}, ${plural(recovery.left, "order")} left`
      : recovery.parked ? "once the provider is back" : "nothing to recover"],
  ])];
}
