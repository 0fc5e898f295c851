/* The icons beside words: drawn in the text's colour, so that they stay visible in high contrast. */

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  busy: "M12 3a9 9 0 1 1-9 9",
  ready: "M3 6h18v12H3zM3 10h18M7 15h3",
  waiting: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2",
  good: "M4 12.5l5.5 5.5L20 7",
  bad: "M12 4l9 16H3zM12 10v5M12 17.5v.5",
  over: "M5 12h14",
};

/** An icon by the tone of a status; screen readers skip it. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ class: `icon ${name}-icon`, viewBox: "0 0 24 24", "aria-hidden": "true" })) {
    drawing.setAttribute(key, value);
  }
  const line = drawing.appendChild(document.createElementNS(SVG, "path"));
  line.setAttribute("d", PATHS[name]);
  return drawing;
}
