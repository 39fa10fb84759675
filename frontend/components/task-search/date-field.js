/** A day to filter from or to: `dateField("from", onChange)`. */

import { el } from "../../scripts/dom.js";
import { dayOf } from "../../scripts/format/time.js";

/** @param {string} name @param {() => void} onChange called for each complete day and when the field is emptied */
export function dateField(name, onChange) {
  const field = el("input", { type: "date", max: "9999-12-31", change });
  let shown = "";

  /** While a year is typed the value is a year such as 0002. */
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
    /** Leaves a value that is being typed. @param {string|null} wanted */
    show(wanted) {
      if (shown === (wanted ?? "")) return;
      field.value = shown = wanted ?? "";
    },
  };
}
