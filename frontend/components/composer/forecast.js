/** What is about to be sent: how much it is, and what such tasks took and cost: `forecast(api.estimate).weigh(body)`. */

import { el, setText } from "../../scripts/dom.js";
import { sizeOf } from "../../scripts/size.js";

/** @param {() => Promise<import("../../scripts/types.js").Estimate>} estimate */
export function forecast(estimate) {
  const size = el("span", { class: "size" });
  const usual = el("span", {});
  estimate().then(({ message }) => setText(usual, message), () => {}); // it is not needed for sending
  return {
    element: el("p", { class: "forecast" }, size, " ", usual),
    /** @param {{input: import("../../scripts/types.js").Message[]}} body */
    weigh(body) {
      const { says, isTooLarge } = sizeOf(body);
      setText(size, says);
      size.classList.toggle("too-large", isTooLarge);
    },
  };
}
