/** Addresses of the page's views, kept in the part after "#" so that reload and back just work. */

/** @typedef {{view: "new", from: string|null}|{view: "task", id: string}|{view: "list"}|{view: "unknown"}} Route */

/** @param {string} hash @returns {Route} */
export function routeOf(hash) {
  const [path, query] = hash.replace(/^#/, "").split("?");
  const task = /^\/tasks\/([\w-]+)$/.exec(path);
  if (task) return { view: "task", id: task[1] };
  if (path === "/tasks") return { view: "list" };
  if (path === "" || path === "/" || path === "/new")
    return { view: "new", from: new URLSearchParams(query).get("from") };
  return { view: "unknown" };
}

export const newAddress = "#/new";
export const listAddress = "#/tasks";
/** @param {string} id */
export const taskAddress = (id) => `#/tasks/${id}`;
/** @param {string} id */
export const newFromAddress = (id) => `#/new?from=${id}`;
