/** The view of the system status. */

import { systemView } from "../components/system/system.js";

/** @param {import("../scripts/view-host.js").Parts} parts @returns {import("../scripts/view-host.js").View} */
export function view({ api, serverNow }) {
  const { element, heading, update } = systemView(api);
  return { element, focus: () => heading.focus(), title: () => "System", update: ({ readiness }) => update(readiness, serverNow()) };
}
