/** A view that has nothing to show but a few words. */

import { el } from "./dom.js";
import { newAddress } from "./router.js";

const way = () => el("p", {}, el("a", { href: newAddress }, "New task"));

/** @param {string} title @param {string} text @param {Element|null} further the way on @returns {import("./page.js").View} */
export function message(title, text, further = way()) {
  const heading = el("h1", { tabindex: "-1" }, title);
  return { element: el("section", {}, heading, el("p", {}, text), further), focus: () => heading.focus(), title: () => title };
}
