/** Addresses of the views, in the URL's fragment. */

import { dayOf } from "./format/time.js";
import { STATUSES } from "./state/tasks.js";

/** What the list begins with, if not the newest. @typedef {"cost"|"duration"} Sort */
/** @typedef {{status: string|null, q: string, from: string|null, to: string|null, archived?: boolean, sort?: Sort}} Query filters of the task list; days are YYYY-MM-DD in the user's time zone, both inclusive */
/** @typedef {{view: "new", from: string|null}|{view: "task", id: string}|({view: "list"} & Query)|{view: "system"}|{view: "notify"}|{view: "unknown"}} Route */

/** @param {string} hash @returns {Route} */
export function routeOf(hash) {
  const [path, query] = hash.replace(/^#/, "").split("?");
  const task = /^\/tasks\/([\w-]+)$/.exec(path);
  if (task) return { view: "task", id: task[1] };
  if (path === "/tasks") return { view: "list", ...queryOf(new URLSearchParams(query)) };
  if (path === "/system") return { view: "system" };
  if (path === "/notify") return { view: "notify" };
  if (path === "" || path === "/" || path === "/new")
    return { view: "new", from: new URLSearchParams(query).get("from") };
  return { view: "unknown" };
}

export const newAddress = "#/new";
export const systemAddress = "#/system";
export const notifyAddress = "#/notify";

/** The task list with filters. @param {Partial<Query>} [query] */
export function listAddress({ status, q, from, to, archived, sort } = {}) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries({ status, q, from, to, archived: archived && "yes", sort })) if (value) asked.set(name, value);
  return asked.size > 0 ? `#/tasks?${asked}` : "#/tasks";
}

/** The limit of the API. */
export const MAX_QUERY_LENGTH = 200;

/** @param {URLSearchParams} asked @returns {Query} */
function queryOf(asked) {
  const sort = asked.get("sort");
  return {
    status: STATUSES.find((status) => status === asked.get("status")) ?? null,
    q: (asked.get("q") ?? "").trim().slice(0, MAX_QUERY_LENGTH),
    from: dayOf(asked.get("from")),
    to: dayOf(asked.get("to")),
    ...(asked.get("archived") === "yes" && { archived: true }),
    ...((sort === "cost" || sort === "duration") && { sort }),
  };
}

/** Whether both addresses show the same view, so that the page must not scroll. @param {Route} before @param {Route} after */
export const isSamePlace = (before, after) => before.view === "list" && after.view === "list";

/** @param {string} id */
export const taskAddress = (id) => `#/tasks/${id}`;
/** @param {string} id */
export const newFromAddress = (id) => `#/new?from=${id}`;

/** A section of an answer. @param {string} id @param {string} slug */
export const sectionAddress = (id, slug) => `${taskAddress(id)}?section=${encodeURIComponent(slug)}`;

/** The section in an address. @param {string} hash */
export const sectionOf = (hash) => new URLSearchParams(hash.split("?")[1]).get("section");
