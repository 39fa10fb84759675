/** The view of all tasks that match the filters in the address. */

import { taskSearch } from "../components/task-search/task-search.js";
import { createTaskSearch } from "../scripts/state/task-search.js";

/** @typedef {import("../scripts/state/store.js").State} State */

/** Kept, so that coming back shows the same list at once. @type {import("../scripts/state/task-search.js").TaskSearch|null} */
let source = null;

/** @param {import("../scripts/view-host.js").Parts} parts @param {State} state @returns {import("../scripts/view-host.js").View} */
export function view({ api, schedule, subscribe, refresh, serverNow, actionDeps }, { route, tasks }) {
  if (source === null) subscribe((source = createTaskSearch({ api, schedule, onChange: refresh })).onEvent);
  const found = source;
  let before = { route, tasks };
  const { update, ...rest } = taskSearch({ source: found, api, newKey: actionDeps.newKey, query: /** @type {import("../scripts/router.js").Query} */ (route) });
  return {
    ...rest,
    update({ route, tasks }) {
      if (route.view !== "list") return;
      found.setQuery(route);
      if (route !== before.route || tasks !== before.tasks) found.invalidate();
      before = { route, tasks };
      update(route, serverNow());
    },
  };
}
