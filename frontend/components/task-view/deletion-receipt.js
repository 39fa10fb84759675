/** The receipt of a deleted task. */

import { el } from "../../scripts/dom.js";
import { fullTime } from "../../scripts/format/time.js";

/** @param {import("../../scripts/types.js").DeletionReceipt} receipt */
export function deletionReceipt({ id, requested_at, deleted_at, provider, here }) {
  const heading = el("h1", { tabindex: "-1" }, "Deleted");
  const facts = [
    ["At the provider", provider.message],
    ["Here", here.replace(/\S+T\S+Z$/, fullTime)],
    ["Requested", fullTime(requested_at)],
    ["Deleted", fullTime(deleted_at)],
    ["Task", id],
    ...(provider.response_id ? [["Response", provider.response_id]] : []),
  ];
  const list = el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  const receipt = el("section", { class: "task-facts", "aria-label": "Receipt" }, list);
  return { heading, element: el("article", { class: "task-view" }, heading, el("p", {}, "This task is deleted. This is its receipt."), receipt) };
}
