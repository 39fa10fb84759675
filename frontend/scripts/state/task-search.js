/** Loads the tasks that match a query page by page, and keeps them while one of them is open. */

import { dayRange } from "../format/time.js";
import { Refused } from "../connection/api.js";
import { explainSearch, isMisunderstood } from "../format/search-text.js";
import { appendOlder, mergeNewest, newer } from "./tasks.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {import("../router.js").Query} Query */
/** @typedef {import("../types.js").Snippet} Snippet */
/** @typedef {{tasks: TaskSummary[]|null, cursor: string|null, total: number|null, compared: number|null, snippets: Record<string, Snippet>, problem: string}} Found `tasks` is null until the first page */

/** @type {Found} */
const NOTHING = { tasks: null, cursor: null, total: null, compared: null, snippets: {}, problem: "" };

const PAGE = 100;

/** After which the search index has a change. */
const INDEX_DELAY_MS = 1_500;

/** Without a Retry-After header. */
const RETRY_DELAY_S = 5;

/**
 * @param {object} parts
 * @param {import("../connection/api.js").Api} parts.api
 * @param {() => void} parts.onChange
 * @param {(run: () => void, ms: number) => () => void} parts.schedule runs once after `ms`; returns a function that cancels
 */
export function createTaskSearch({ api, onChange, schedule }) {
  /** @type {Query|null} */
  let query = null;
  /** @type {Found} */
  let found = NOTHING;
  let reading = Promise.resolve();
  let asked = false;
  let due = false;

  /** @param {Partial<Found>} changes */
  function change(changes) {
    found = { ...found, ...changes };
    onChange();
  }

  /** Reads one after the other and drops the result of a former query. @param {(known: TaskSummary[], cursor: string|null) => Promise<Partial<Found>>} read */
  function next(read) {
    const mine = query;
    reading = reading.then(async () => {
      if (mine !== query) return;
      const changes = await read(found.tasks ?? [], found.cursor).catch(failed);
      if (mine === query) change(changes);
    });
    return reading;
  }

  /** @param {unknown} error @returns {Partial<Found>} */
  function failed(error) {
    const wait = error instanceof Refused ? error.retryAfter : RETRY_DELAY_S;
    if (!isMisunderstood(error)) refreshLater((wait ?? RETRY_DELAY_S) * 1000);
    return { problem: explainSearch(error) };
  }

  const refresh = () =>
    next(async (known) => {
      const page = await api.listTasks(null, { ...asking(query), total: true, limit: PAGE });
      const tasks = mergeNewest(known, page);
      const cursor = tasks.length > page.data.length ? found.cursor : page.next_cursor;
      return { tasks, cursor, total: page.total ?? null, compared: page.compared ?? null, snippets: { ...found.snippets, ...page.snippets }, problem: "" };
    });

  /** @param {number} ms */
  function refreshLater(ms) {
    if (due) return;
    due = true;
    schedule(() => {
      due = false;
      if (query) refresh();
    }, ms);
  }

  /** @param {Query|null} wanted */
  function setQuery(wanted) {
    if (isSameQuery(wanted, query)) return;
    query = wanted;
    found = NOTHING;
    reading = Promise.resolve(); // a slow reading of the former query is not waited for
    if (query) refresh();
  }

  return {
    get found() {
      return found;
    },
    /** Load the tasks of another query; null for none. */
    setQuery,
    /** Read again when the index has the latest changes. */
    invalidate: () => refreshLater(INDEX_DELAY_MS),
    /** @param {import("../connection/event-stream.js").StreamEvent} event */
    onEvent({ type, data }) {
      if (type === "locked") setQuery(null);
      const { tasks } = found;
      if (type === "task" && tasks?.some(({ id }) => id === data.id)) change({ tasks: tasks.map((task) => newer(task, data)) });
      if (type === "deleted" && tasks) change({ tasks: tasks.filter(({ id }) => id !== data.id) });
    },
    /** Load the next page, once at a time. */
    async loadOlder() {
      if (asked || found.cursor === null) return;
      asked = true;
      await next(async (known, cursor) => {
        const page = await api.listTasks(cursor, { ...asking(query), limit: PAGE }).finally(() => (asked = false));
        return { tasks: appendOlder(known, page), cursor: page.next_cursor, snippets: { ...found.snippets, ...page.snippets }, problem: "" };
      });
      asked = false; // the query may have changed before the call
    },
  };
}

/** @typedef {ReturnType<typeof createTaskSearch>} TaskSearch */

/** The filters of a query for the API. @param {Query|null} query */
export const narrowed = (query) => query && { status: query.status, q: query.q, ...dayRange(query), sort: query.sort };

/** @param {Query|null} query */
const asking = (query) => ({ ...narrowed(query), snippets: Boolean(query?.q) });

/** @param {Query|null} one @param {Query|null} other */
export const isSameQuery = (one, other) => JSON.stringify(narrowed(one)) === JSON.stringify(narrowed(other));
