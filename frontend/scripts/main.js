/** Wires the page once: clock, API, store, feed and the parts that show them. */

import { awayChoices } from "../components/away/away.js";
import { places } from "../components/places/places.js";
import { shortcutSheet } from "../components/shortcuts/shortcuts.js";
import { notices } from "../components/notices/notices.js";
import { taskList } from "../components/task-list/task-list.js";
import { createActions } from "./actions.js";
import { createApi } from "./api.js";
import { createAway } from "./away.js";
import { createDrafts } from "./drafts.js";
import { createFeed } from "./feed.js";
import { createFinder } from "./finder.js";
import { listenToKeys } from "./keyboard.js";
import { showNotification } from "./notifications.js";
import { createPage } from "./page.js";
import { createPreferences } from "./preferences.js";
import { isSamePlace, routeOf, taskAddress } from "./router.js";
import { describe } from "./states.js";
import { wantsKeys } from "./shortcuts.js";
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
  outlook: null,
  missing: false,
  tombstone: null,
  readiness: null,
  trouble: null,
});
const later = (/** @type {() => void} */ run, /** @type {number} */ ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const feed = createFeed({ api, store, isVisible, serverNow, later });
const stream = createStream({ connect: api.events, onEvent: hear, onOpen: feed.connected, later });

/** @param {import("./stream.js").StreamEvent} event */
function hear(event) {
  if (event.type === "hello") offset = Date.parse(event.data.server_time) - Date.now();
  feed.hear(event);
  source.hear(event);
}

const source = createFinder({ api, onChange: tick, later });

const drafts = createDrafts(localStorage);

// randomUUID is only there on https and loopback; the page may be served in a local network.
const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");

/** @param {any} parts what a form adds to what all forms share */
const start = (parts) => createSubmission({ api, drafts, newKey, onAccepted: open, onFailed: feed.refresh, ...parts });

/** @param {any} parts what a task adds to what all tasks share */
const act = (parts) =>
  createActions({ api, newKey, onChanged: feed.accept, onSentAgain: open, onGone: feed.gone, onFailed: feed.refresh, ...parts });

/** @param {import("./types.js").Task} task */
function open(task) {
  feed.accept(task);
  location.hash = taskAddress(task.id);
}

/** @param {import("./types.js").TaskSummary} task */
function notify(task) {
  showNotification(`${describe(task).word}: ${task.title}`, task.id, () => {
    window.focus();
    location.hash = taskAddress(task.id);
  });
}

const preferences = createPreferences(localStorage);
const away = createAway({ isAway: () => !isVisible(), preferences, notify });
const bar = notices();
const list = taskList({ onOlder: feed.readOlder });
const sheet = shortcutSheet(preferences);
const elsewhere = places({ onHelp: sheet.open });
const page = createPage({ main: place("main"), api, source, start, act, serverNow, away: awayChoices(away) });
place("notices").replaceWith(bar.element);
place("places").replaceWith(elsewhere.element);
place("list").replaceWith(list.element);
place("skip").addEventListener("click", page.focus);

function tick() {
  const { route } = store.state;
  if (route.view === "list") source.look(route);
  elsewhere.update(route);
  list.update(store.state, serverNow());
  page.tick(store.state);
  if (away.badge()) document.title = away.badge() + document.title;
}

store.subscribe((state, before) => {
  away.hear(before.tasks ?? [], state.tasks ?? []);
  bar.update(state);
  tick();
  if (state.route.view === "list" && (state.tasks !== before.tasks || state.route !== before.route)) source.stirred();
  const news = changesInWords(before.tasks ?? [], state.tasks ?? []);
  if (news.length > 0) place("announcer").textContent = news.join(" ");
});

addEventListener("hashchange", () => {
  const before = store.state.route;
  const route = routeOf(location.hash);
  store.change({ route, shown: null, outlook: null, missing: false });
  if (!isSamePlace(before, route)) {
    scrollTo(0, 0);
    page.focus();
  }
  feed.refresh();
});
addEventListener("say", (event) => (place("announcer").textContent = /** @type {CustomEvent} */ (event).detail));
listenToKeys({ store, page, sheet, isWanted: () => wantsKeys(preferences) });
addEventListener("online", stream.open);
addEventListener("offline", feed.refresh);
document.addEventListener("visibilitychange", () => {
  if (!isVisible()) return;
  away.back();
  feed.refresh();
});
setInterval(() => isVisible() && tick(), 1000);
tick();
feed.refresh();
stream.open();
