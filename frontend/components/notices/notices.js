/** What is true of the whole system right now, said above everything else. */

import { el } from "../../scripts/dom.js";
import { noticesOf } from "../../scripts/notices.js";

/** `const bar = notices(); document.body.prepend(bar.element); bar.update(state);` */
export function notices() {
  const element = el("div", { class: "notices", role: "status" });
  let shown = "";
  return {
    element,
    /** @param {import("../../scripts/store.js").State} state */
    update(state) {
      const list = noticesOf(state);
      if (shown === (shown = JSON.stringify(list))) return;
      element.replaceChildren(
        ...list.map(({ kind, lead, text }) =>
          el("p", { class: `notice notice-${kind}` }, el("strong", {}, lead), " ", text),
        ),
      );
    },
  };
}
