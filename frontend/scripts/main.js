/** Wires the page once: clock, API, store, feed and the parts that show them. */

import { notices } from "../components/notices/notices.js";
import { taskList } from "../components/task-list/task-list.js";
import { createActions } from "./actions.js";
import { createApi } from "./api.js";
import { createDrafts } from "./drafts.js";
import { createFeed } from "./feed.js";
import { createPage } from "./page.js";
import { routeOf, taskAddress } from "./router.js";
import { createStore } from "./store.js";
import { createStream } from "./stream.js";
import { createSubmission } from "./submission.js";
import { changesInWords } from "./task-collection.js";
import { clockOffset } from "./time.js";

/** @type {number|null} */
let offset = null;
const serverNow = () => Date.now() + (offset ?? 0);
const isVisible = () => document.visibilityState === "visible";
const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const api = createApi((date) => (offset = clockOffset(offset, date, Date.now())));
const store = createStore({
  route: routeOf(location.hash),
  tasks: null,
  cursor: null,
  shown: null,
  missing: false,
  readiness: null,
  trouble: null,
});
const later = (/** @type {() => void} */ run, /** @type {number} */ ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const feed = createFeed({ api, store, isVisible, serverNow, later });
const stream = createStream({ connect: api.events, onEvent: feed.hear, onOpen: feed.connected, later });
const drafts = createDrafts(localStorage);

// randomUUID is only there on https and loopback; the page may be served in a local network.
const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");

/** @param {any} parts what a form adds to what all forms share */
const start = (parts) => createSubmission({ api, drafts, newKey, onAccepted: open, onFailed: feed.refresh, ...parts });

/** @param {any} parts what a task adds to what all tasks share */
const act = (parts) =>
  createActions({ api, newKey, onChanged: feed.accept, onSentAgain: open, onFailed: feed.refresh, ...parts });

/** @param {import("./types.js").Task} task */
function open(task) {
  feed.accept(task);
  location.hash = taskAddress(task.id);
}

const bar = notices();
const list = taskList({ onOlder: feed.readOlder });
const page = createPage({ main: place("main"), api, start, act, serverNow });
place("notices").replaceWith(bar.element);
place("list").replaceWith(list.element);
place("skip").addEventListener("click", page.focus);

function tick() {
  list.update(store.state, serverNow());
  page.tick(store.state);
}

store.subscribe((state, before) => {
  bar.update(state);
  tick();
  const news = changesInWords(before.tasks ?? [], state.tasks ?? []);
  if (news.length > 0) place("announcer").textContent = news.join(" ");
});

addEventListener("hashchange", () => {
  store.change({ route: routeOf(location.hash), shown: null, missing: false });
  scrollTo(0, 0);
  page.focus();
  feed.refresh();
});
addEventListener("online", stream.open);
document.addEventListener("visibilitychange", () => isVisible() && feed.refresh());
setInterval(() => isVisible() && tick(), 1000);
tick();
feed.refresh();
stream.open();
