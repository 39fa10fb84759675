/** Wires the page once: clock, API, store, sync, event stream and the components. */

import { mainNav } from "../components/main-nav/main-nav.js";
import { notices } from "../components/notices/notices.js";
import { taskList } from "../components/task-list/task-list.js";
import { createApi } from "./connection/api.js";
import { createSharedStream } from "./connection/shared-stream.js";
import { createSync } from "./connection/sync.js";
import { describe, statusChanges } from "./format/status-text.js";
import { clockOffset } from "./format/time.js";
import { createPress, listenToKeys, wantsKeys } from "./keyboard.js";
import { isSamePlace, listAddress, routeOf, taskAddress } from "./router.js";
import { createAttention, createTabMark, showNotification } from "./state/attention.js";
import { createPreferences, createSession, openTab, storageOf } from "./state/browser-storage.js";
import { createDrafts } from "./state/drafts.js";
import { createStore } from "./state/store.js";
import { createViewHost, lazy } from "./view-host.js";

/** @type {number|null} */
let offset = null;
const serverNow = () => Date.now() + (offset ?? 0);
const isVisible = () => document.visibilityState === "visible";
const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const announce = (/** @type {string} */ text) => (byId("announcer").textContent = text);

// crypto.randomUUID exists only on https and loopback; the page may be served by plain http.
const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");

const storages = { tab: storageOf(() => sessionStorage), browser: storageOf(() => localStorage) };
const tab = await openTab({ storage: storages.tab, locks: navigator.locks, newId: newKey });
const session = createSession(storages);
const api = createApi({ onDate: (date) => (offset = clockOffset(offset, date, Date.now())), session, onLocked: () => lock(session.token === null ? "needed" : "refused") });
const empty = { tasks: null, openTasks: [], cursor: null, shown: null, progress: null, missing: false, receipt: null };
const store = createStore({ route: routeOf(location.hash), locked: null, ...empty, readiness: null, syncError: null });
const schedule = (/** @type {() => void} */ run, /** @type {number} */ ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const sync = createSync({ api, store, isVisible, serverNow, schedule });
const stream = createSharedStream({
  connect: api.events,
  onEvent,
  onOpen: sync.setStreaming,
  schedule,
  isVisible,
  locks: tab.locks,
  openChannel: (name) => ("BroadcastChannel" in globalThis ? new BroadcastChannel(name) : null),
  name: () => `backburner.events.${session.owner}`,
});

/** @type {((event: import("./connection/event-stream.js").StreamEvent) => void)[]} */
const listeners = [];

/** @param {import("./connection/event-stream.js").StreamEvent} event */
function onEvent(event) {
  if (event.type === "hello") offset = Date.parse(event.data.server_time) - Date.now();
  sync.onEvent(event);
  for (const listener of listeners) listener(event);
}

const draftsOf = (/** @type {string} */ owner) => createDrafts({ storage: storages.browser, tab, owner, newId: newKey });
let drafts = draftsOf(session.owner);
const preferences = createPreferences(storages.browser);

const submissionDeps = {
  api,
  /** Read when a form is made, which then saves for its owner only. */
  get drafts() {
    return drafts;
  },
  newKey,
  place,
  onAccepted: openTask,
  onAllAccepted: openList,
  onFailed: sync.refresh,
};
const actionDeps = { api, newKey, place, onMarked: sync.take, onChanged: sync.accept, onRetried: openTask, onDeleted: sync.onDeleted, onFailed: sync.refresh };

/** Where a request begins; its view opens only if the person is still there. */
function place() {
  viewHost.prepare("task"); // while the request is under way
  return store.state.route;
}

/** The task that is opened, so that its view need not read it. @type {import("./types.js").Task|null} */
let opened = null;

/** @param {import("./types.js").Task} task @param {unknown} from */
function openTask(task, from) {
  sync.accept(task);
  if (from !== store.state.route) return announce(`Accepted: ${task.title}`);
  opened = task;
  location.hash = taskAddress(task.id);
}

/** @param {unknown} from */
function openList(from) {
  sync.refresh();
  if (from === store.state.route) location.hash = listAddress();
}

/** @param {import("./types.js").TaskSummary} task */
function notify(task) {
  const address = taskAddress(task.id);
  const open = () => (window.focus(), (location.hash = address));
  showNotification(`${describe(task).word}: ${task.title}`, task.id, address, open).catch(() => {}); // Chrome on Android without a worker
}

/** Drops what was read with one token before another is used. @param {import("./format/sign-in-text.js").Lock|null} locked */
function lock(locked) {
  if (locked && store.state.locked) return;
  stream.close(true);
  for (const listener of listeners) listener({ type: "locked", id: null, data: null });
  if (locked) session.forget();
  drafts = draftsOf(session.owner); // before the change, which makes forms
  store.change({ ...empty, locked });
  if (!locked) stream.open();
  viewHost.focus();
  sync.refresh();
  showAccount();
}

function signOut() {
  drafts.removeAll();
  lock("left");
}

/** @param {{token: string, owner: string}} signed @param {boolean} remember */
function signIn(signed, remember) {
  session.signIn(signed, remember);
  lock(null);
}

const attention = createAttention({ isAway: () => !isVisible(), preferences, notify });
const markTab = createTabMark();
const press = createPress({ schedule, onReleased: render });
const noticeBar = notices();
const list = taskList({ onOlder: sync.loadOlder });
const shortcuts = lazy(() => import("../components/shortcuts/shortcuts.js"), "components/shortcuts/shortcuts.css");
const openShortcuts = () => shortcuts.load().then((module) => module.openShortcuts(preferences), () => {});
const nav = mainNav({ onShortcuts: openShortcuts, preferences });
const accountPart = lazy(() => import("../components/account/account.js"));
const viewHost = createViewHost(byId("main"), {
  api,
  submissionDeps,
  actionDeps,
  serverNow,
  attention,
  schedule,
  subscribe: (listener) => listeners.push(listener),
  refresh: () => press.isDown || render(),
  onToken: signIn,
});
byId("notices").replaceWith(noticeBar.element);
byId("main-nav").replaceWith(nav.element);
byId("list").replaceWith(list.element);
byId("skip").addEventListener("click", viewHost.focus);

/** Only a token has an account. */
async function showAccount() {
  const part = session.token && (await accountPart.load().catch(() => null));
  const shown = part && session.token ? [part.account({ me: api.me, countDrafts: () => drafts.count, onSignOut: signOut })] : [];
  byId("account").replaceChildren(...shown);
}

function render() {
  const { route } = store.state;
  noticeBar.update(store.state);
  nav.update(route);
  list.update(store.state, serverNow());
  viewHost.render(store.state);
  const unread = (store.state.tasks ?? []).filter((task) => task.unread && !task.archived).length;
  document.title = markTab(unread) + document.title.replace(/^\(\d+\) /, ""); // a view that is loading leaves the title
}

store.subscribe((state, before) => {
  attention.onTasks(before.tasks ?? [], state.tasks ?? []);
  if (!press.isDown || state.route !== before.route || state.locked !== before.locked) render();
  const changes = statusChanges(before.tasks ?? [], state.tasks ?? []);
  if (changes.length > 0) announce(changes.join(" "));
});

addEventListener("hashchange", () => {
  const before = store.state.route;
  const route = routeOf(location.hash);
  store.change({ route, shown: route.view === "task" && opened?.id === route.id ? opened : null, progress: null, missing: false });
  opened = null;
  if (!isSamePlace(before, route)) viewHost.focusTop();
  sync.refresh();
  tab.look();
});
navigator.serviceWorker?.addEventListener("message", ({ data }) => (location.hash = data)); // a clicked notice
addEventListener("announce", (event) => announce(/** @type {CustomEvent} */ (event).detail));
listenToKeys({ store, viewHost, openShortcuts, isWanted: () => wantsKeys(preferences) });
addEventListener("online", () => stream.open());
addEventListener("offline", sync.refresh);
addEventListener("storage", (event) => {
  if (!session.concerns(event)) return;
  lock(session.token === null ? "elsewhere" : null);
});
document.addEventListener("visibilitychange", () => {
  stream.onVisibility();
  tab.look();
  if (!isVisible()) return;
  sync.refresh();
});
setInterval(() => isVisible() && !press.isDown && render(), 1000);
render();
stream.open(); // whether it opens or fails, sync then reads the list
schedule(() => store.state.tasks === null && sync.refresh(), 1_000); // when the connection hangs
showAccount();
