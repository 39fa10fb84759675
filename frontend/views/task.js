/** The view of one task: loading, shown, deleted, or not found. */

import { deletionReceipt } from "../components/task-view/task-facts.js";
import { taskView } from "../components/task-view/task-view.js";
import { describe } from "../scripts/format/status-text.js";
import { createActions } from "../scripts/state/actions.js";
import { withChecks } from "../scripts/state/tasks.js";
import { messageView } from "../scripts/view-host.js";

/** @typedef {import("../scripts/view-host.js").View} View */
/** @typedef {import("../scripts/view-host.js").Parts} Parts */
/** @typedef {import("../scripts/state/store.js").State} State */

/** @param {Parts} parts @param {State} state @returns {View} */
export function view(parts, { shown, missing, receipt }) {
  if (missing && receipt) return deletedView(receipt);
  if (missing) return messageView("Task not found", "No task has this address. It may have been deleted.");
  return shown ? opened(parts, shown) : messageView("Loading…", "", null);
}

/** @param {Parts} parts @param {import("../scripts/types.js").Task} task @returns {View} */
function opened({ api, submissionDeps, actionDeps, attention, serverNow }, task) {
  const { element, heading, update } = taskView({
    task,
    api,
    attention,
    submissionDeps,
    act: (more) => createActions({ ...actionDeps, ...more }),
  });
  heading.title = "Click to rename";
  heading.classList.add("renameable");
  heading.addEventListener("click", () => getSelection()?.isCollapsed && beginRenaming());
  element.addEventListener("rename", beginRenaming);
  /** Of the reading that was marked as read. */
  let readVersion = -1;

  async function beginRenaming() {
    const part = await import("../components/task-title/task-title.js").catch(() => null);
    if (heading.isConnected && !heading.hidden) part?.renameTitle(heading, rename);
  }

  /** @param {string} title */
  async function rename(title) {
    actionDeps.onChanged(await api.updateTask(task.id, { title }));
  }

  /** An answer in sight is read. @param {import("../scripts/types.js").Task} task */
  function markRead({ id, unread, version }) {
    if (!unread || version === readVersion || document.visibilityState !== "visible") return;
    readVersion = version;
    api.updateTask(id, { read: true }).then(actionDeps.onMarked, () => {}); // it stays unread
  }

  const latest = (/** @type {State} */ { shown, tasks }) => withChecks(shown ?? task, tasks?.find(({ id }) => id === task.id));
  return {
    element,
    focus: () => heading.focus(),
    title: (state) => `${describe(latest(state)).word}: ${latest(state).title}`,
    update(state) {
      const current = latest(state);
      update(current, serverNow(), state.progress);
      markRead(current);
    },
  };
}

/** @param {import("../scripts/types.js").DeletionReceipt} receipt @returns {View} */
function deletedView(receipt) {
  const { element, heading } = deletionReceipt(receipt);
  return { element, focus: () => heading.focus(), title: () => "Deleted" };
}
