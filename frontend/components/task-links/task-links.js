/** Text of the API with every task id as a link. */

import { el } from "../../scripts/dom.js";
import { taskAddress } from "../../scripts/router.js";

const TASK_ID = /(task_[0-9a-f]{32})/;

/** @param {string} text @returns {(Node|string)[]} */
export const taskLinks = (text) =>
  text.split(TASK_ID).map((part) => (TASK_ID.test(part) ? el("a", { href: taskAddress(part) }, part) : part));
