/** The view where a person chooses how to be told that a task has ended. */

import { notifyView } from "../components/notify/notify.js";

/** @param {import("../scripts/view-host.js").Parts} parts @returns {import("../scripts/view-host.js").View} */
export function view({ api, attention }) {
  const { element, heading } = notifyView({ api, attention });
  return { element, focus: () => heading.focus(), title: () => "Notify me" };
}
