/** Wires the page once: clock, API, store, feed and the parts that show them. */

import { account } from "../components/account/account.js";
import { places } from "../components/places/places.js";
import { notices } from "../components/notices/notices.js";
import { taskList } from "../components/task-list/task-list.js";
import { createApi } from "./api.js";
import { createAway } from "./away.js";
import { createDrafts } from "./drafts.js";
import { createFeed } from "./feed.js";
import { listenToKeys } from "./keyboard.js";
import { createPage } from "./page.js";
import { lazily } from "./lazily.js";
import { showNotification } from "./notifications.js";
import { createPreferences } from "./preferences.js";
import { isSamePlace, routeOf, taskAddress } from "./router.js";
import { createSession } from "./session.js";
import { describe } from "./states.js";
import { wantsKeys } from "./shortcuts.js";
import { createStore } from "./store.js";
import { createStream } from "./stream.js";
import { changesInWords } from "./task-collection.js";
import { clockOffset } from "./time.js";

/** @type {number|null} */
let offset = null;
const serverNow = () => Date.now() + (offset ?? 0);
const isVisible = () => document.visibilityState === "visible";
const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const session = createSession({ tab: sessionStorage, browser: localStorage });
const api = createApi({ onDate: (date) => (offset = clockOffset(offset, date, Date.now())), session, onLocked: () => lock(session.token === null ? "needed" : "refused") });
const nothing = { tasks: null, cursor: null, shown: null, outlook: null, missing: false, tombstone: null };
const store = createStore({
  route: routeOf(location.hash),
  locked: null,
  ...nothing,
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
  for (const listener of listeners) listener(event);
}

/** @type {((event: import("./stream.js").StreamEvent) => void)[]} */
const listeners = [];

const drafts = createDrafts(localStorage);

// randomUUID is only there on https and loopback; the page may be served in a local network.
const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");

const starting = { api, drafts, newKey, onAccepted: goTo, onFailed: feed.refresh };
const acting = { api, newKey, onChanged: feed.accept, onSentAgain: goTo, onGone: feed.gone, onFailed: feed.refresh };

/** @param {import("./types.js").Task} task */
function goTo(task) {
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

/** What was read with one token is not shown to whoever comes with the next. @param {import("./sign-in.js").Lock|null} locked */
function lock(locked) {
  if (locked && store.state.locked) return;
  stream.close(true);
  for (const listener of listeners) listener({ type: "locked", id: null, data: null });
  store.change({ ...nothing, locked });
  if (locked) session.forget();
  else stream.open();
  page.focus();
  feed.refresh();
  showAccount();
}

function leave() {
  drafts.removeAll();
  lock("left");
}

/** @param {string} token @param {boolean} remember */
function enter(token, remember) {
  session.signIn(token, remember);
  lock(null);
}

const away = createAway({ isAway: () => !isVisible(), preferences, notify });
const bar = notices();
const list = taskList({ onOlder: feed.readOlder });
const keys = lazily(() => import("../components/shortcuts/shortcuts.js"), "components/shortcuts/shortcuts.css");
const sheet = { open: () => keys.bring().then(({ openShortcuts }) => openShortcuts(preferences), () => {}) };
const elsewhere = places({ onHelp: sheet.open, preferences });
const page = createPage(place("main"), { api, starting, acting, serverNow, away, later, listen: (listener) => listeners.push(listener), refresh: tick, onToken: enter });
place("notices").replaceWith(bar.element);
place("places").replaceWith(elsewhere.element);
place("list").replaceWith(list.element);
place("skip").addEventListener("click", page.focus);

/** Where there is no token there is no account. */
function showAccount() {
  const whose = session.token === null ? [] : [account({ whose: api.whose, countDrafts: () => drafts.count, onLeave: leave })];
  place("account").replaceChildren(...whose);
}

function tick() {
  const { route } = store.state;
  elsewhere.update(route);
  list.update(store.state, serverNow());
  page.tick(store.state);
  if (away.badge()) document.title = away.badge() + document.title;
}

store.subscribe((state, before) => {
  away.hear(before.tasks ?? [], state.tasks ?? []);
  bar.update(state);
  tick();
  const news = changesInWords(before.tasks ?? [], state.tasks ?? []);
  if (news.length > 0) place("announcer").textContent = news.join(" ");
});

addEventListener("hashchange", () => {
  const before = store.state.route;
  const route = routeOf(location.hash);
  store.change({ route, shown: null, outlook: null, missing: false });
  if (!isSamePlace(before, route)) page.arrive();
  feed.refresh();
});
addEventListener("say", (event) => (place("announcer").textContent = /** @type {CustomEvent} */ (event).detail));
listenToKeys({ store, page, sheet, isWanted: () => wantsKeys(preferences) });
addEventListener("online", stream.open);
addEventListener("offline", feed.refresh);
addEventListener("storage", (event) => {
  if (!session.concerns(event)) return;
  drafts.reread();
  lock(session.token === null ? "elsewhere" : null);
});
document.addEventListener("visibilitychange", () => {
  if (!isVisible()) return;
  away.back();
  feed.refresh();
});
setInterval(() => isVisible() && tick(), 1000);
tick();
stream.open(); // open or refused, it has the feed read what there is
later(() => store.state.tasks === null && feed.refresh(), 1_000); // unless nothing is heard of it
showAccount();
