/** The view where a person chooses how to hear of the end of a task. */

import { notifyView } from "../components/notify/notify.js";
import { createWebhooksApi } from "../scripts/connection/webhooks-api.js";

/** @param {import("../scripts/view-host.js").Parts} parts @returns {import("../scripts/view-host.js").View} */
export function view({ api, attention, schedule, actionDeps }) {
  const { element, heading } = notifyView({ api: createWebhooksApi(api, actionDeps.newKey), attention, schedule });
  return { element, focus: () => heading.focus(), title: () => "Notify me" };
}
