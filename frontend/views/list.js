/** The view of all tasks, narrowed to what the address asks for. */

import { finder } from "../components/finder/finder.js";
import { createFinder } from "../scripts/finder.js";

/** @typedef {import("../scripts/store.js").State} State */

/** What was found is there still for whoever comes back. @type {import("../scripts/finder.js").Finder|null} */
let source = null;

/** @param {import("../scripts/page.js").Parts} parts @param {State} state @returns {import("../scripts/page.js").View} */
export function view({ api, later, listen, refresh, serverNow }, { route, tasks }) {
  if (source === null) listen((source = createFinder({ api, later, onChange: refresh })).hear);
  const found = source;
  let before = { route, tasks };
  const { update, ...rest } = finder({ source: found, query: /** @type {import("../scripts/router.js").Query} */ (route) });
  return {
    ...rest,
    update({ route, tasks }) {
      if (route.view !== "list") return;
      found.look(route);
      if (route !== before.route || tasks !== before.tasks) found.stirred();
      before = { route, tasks };
      update(route, serverNow());
    },
  };
}
