/** Which part of the page shows what, each brought when it is first wanted. */

import { lazily } from "./lazily.js";

const own = (/** @type {string} */ name) => `components/${name}/${name}.css`;

const WRITING = ["composer", "refusal"].map(own);
const READING = ["task-view", "away", "progress", "confirmation", "ways-out", "copy-button", "go-on", "thread"].map(own);
const ANSWER = ["styles/answer.css", "styles/code.css"];

/** @type {Record<import("./page.js").ViewName, import("./lazily.js").Lazy<{view: import("./page.js").MakeView}>>} */
export const VIEWS = {
  new: lazily(() => import("../views/new.js"), ...WRITING),
  task: lazily(() => import("../views/task.js"), ...WRITING, ...READING, ...ANSWER),
  list: lazily(() => import("../views/list.js"), own("finder")),
  system: lazily(() => import("../views/system.js"), own("system")),
  "sign-in": lazily(() => import("../views/sign-in.js"), own("sign-in")),
};
