/** The tasks that an address asks for, page after page, kept while one of them is looked at. */

import { dayRange } from "../format/time.js";
import { Refused } from "../connection/api.js";
import { explainSearch, isMisunderstood } from "../format/search-text.js";
import { appendOlder, mergeNewest, newer } from "./tasks.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {import("../router.js").Query} Query */
/** @typedef {{tasks: TaskSummary[]|null, cursor: string|null, problem: string}} Found `tasks` is null until the first page */

const PAGE = 100;

/** Milliseconds after which a change can be found by searching. */
const FINDABLE = 1_500;

/** Seconds until it is asked again, where the server does not say. */
const SOON = 5;

/**
 * @param {object} parts
 * @param {import("../connection/api.js").Api} parts.api
 * @param {() => void} parts.onChange
 * @param {(run: () => void, ms: number) => () => void} parts.schedule runs something once, and returns what cancels it
 */
export function createTaskSearch({ api, onChange, schedule }) {
  /** @type {Query|null} */
  let query = null;
  /** @type {Found} */
  let found = { tasks: null, cursor: null, problem: "" };
  let reading = Promise.resolve();
  let asked = false;
  let due = false;

  /** @param {Partial<Found>} changes */
  function change(changes) {
    found = { ...found, ...changes };
    onChange();
  }

  /** One reading after the other; of a query that was left meanwhile nothing is kept. @param {(known: TaskSummary[], cursor: string|null) => Promise<Partial<Found>>} read */
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
    const wait = error instanceof Refused ? error.retryAfter : SOON;
    if (!isMisunderstood(error)) refreshLater((wait ?? SOON) * 1000);
    return { problem: explainSearch(error) };
  }

  const refresh = () =>
    next(async (known) => {
      const page = await api.listTasks(null, { ...narrowed(query), limit: PAGE });
      const tasks = mergeNewest(known, page);
      return { tasks, cursor: tasks.length > page.data.length ? found.cursor : page.next_cursor, problem: "" };
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
    found = { tasks: null, cursor: null, problem: "" };
    if (query) refresh();
  }

  return {
    get found() {
      return found;
    },
    /** What is looked for from now on; null while nothing is. */
    setQuery,
    /** There may be news: of a task that is listed, at once; of what else belongs here, when it can be found. */
    invalidate: () => refreshLater(FINDABLE),
    /** @param {import("../connection/event-stream.js").StreamEvent} event */
    onEvent({ type, data }) {
      if (type === "locked") setQuery(null);
      const { tasks } = found;
      if (type === "task" && tasks?.some(({ id }) => id === data.id)) change({ tasks: tasks.map((task) => newer(task, data)) });
      if (type === "deleted" && tasks) change({ tasks: tasks.filter(({ id }) => id !== data.id) });
    },
    /** The next page, once however often it is asked for. */
    async loadOlder() {
      if (asked || found.cursor === null) return;
      asked = true;
      await next(async (known, cursor) => {
        const page = await api.listTasks(cursor, { ...narrowed(query), limit: PAGE }).finally(() => (asked = false));
        return { tasks: appendOlder(known, page), cursor: page.next_cursor, problem: "" };
      });
      asked = false; // the question may have been left before it was asked
    },
  };
}

/** @typedef {ReturnType<typeof createTaskSearch>} TaskSearch */

/** What the API is asked for. @param {Query|null} query */
export const narrowed = (query) => query && { status: query.status, q: query.q, ...dayRange(query) };

/** @param {Query|null} one @param {Query|null} other */
export const isSameQuery = (one, other) => JSON.stringify(narrowed(one)) === JSON.stringify(narrowed(other));
