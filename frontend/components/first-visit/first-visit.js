/** Three ways to begin, for a person without tasks: `firstVisit({write, openFile})`. */

import { el } from "../../scripts/dom.js";

const EXAMPLE = "Which European cities would suit a ten-day train journey in early spring, and why? Compare three routes by travel time, weather and cost, and recommend one.";

const IMPORT = JSON.stringify({ input: [{ role: "developer", content: "Be brief." }, { role: "user", content: "Why is the sea salt?" }] }, null, 2);

/** @param {{write: (text: string) => void, bring: (json: string) => void}} actions */
export function firstVisit({ write, bring }) {
  return el(
    "section",
    { class: "first-visit", "aria-label": "Ways to begin" },
    way("Try an example", "A question about train journeys, which you can change before you start it.", () => write(EXAMPLE)),
    way("Import a conversation", "Add or drop a file: Responses API input, Markdown, or an exported task. This shows an example.", () => bring(IMPORT)),
    el("div", { class: "way" }, el("strong", {}, "Use the API"), el("span", {}, "Programs send tasks, too. ", el("a", { href: "docs" }, "Read how"), ".")),
  );
}

/** @param {string} name @param {string} text @param {() => void} onClick */
const way = (name, text, onClick) => el("button", { type: "button", class: "way", click: onClick }, el("strong", {}, name), el("span", {}, text));
