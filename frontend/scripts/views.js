/** Which part of the page shows what: the first at once, each other when it is first wanted. */

import { view } from "../views/new.js";
/* Several views have it, so it comes with the page. */
import "./figures.js";
import { lazily } from "./lazily.js";

/** @type {Record<import("./page.js").ViewName, import("./lazily.js").Lazy<{view: import("./page.js").MakeView}>>} */
export const VIEWS = {
  new: { here: { view }, bring: async () => ({ view }) },
  task: lazily(() => import("../views/task.js"), "views/task.css"),
  list: lazily(() => import("../views/list.js"), "components/finder/finder.css"),
  system: lazily(() => import("../views/system.js"), "components/system/system.css"),
  "sign-in": lazily(() => import("../views/sign-in.js"), "components/sign-in/sign-in.css"),
};
