/** A day to search from or to: `dateField("From", onChange)`. */

import { el } from "../../scripts/dom.js";
import { dayOf } from "../../scripts/format/time.js";

/** @param {string} name @param {() => void} onChange hears each day that is whole, and that there is none any more */
export function dateField(name, onChange) {
  const field = el("input", { type: "date", max: "9999-12-31", change });
  let shown = "";

  /** A year that is being typed begins with zeros, and is no day yet. */
  function change() {
    if (field.validity.badInput || (field.value && !dayOf(field.value))) return;
    shown = field.value;
    onChange();
  }

  return {
    element: el("label", {}, name, " ", field),
    get day() {
      return dayOf(field.value);
    },
    /** What is being typed is left alone. @param {string|null} wanted */
    show(wanted) {
      if (shown === (wanted ?? "")) return;
      field.value = shown = wanted ?? "";
    },
  };
}
