/** The sidebar puts first what needs a person, then what runs, then what has ended by day. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { groupOf } from "../../frontend/scripts/state/tasks.js";
import { task } from "./task.js";

const now = new Date(2026, 10, 23, 0, 30).getTime();
const on = (/** @type {number[]} */ ...parts) => new Date(2026, 10, ...parts).toISOString();

for (const [differences, group] of /** @type {const} */ ([
  [{ status: "unconfirmed" }, "Needs you"],
  [{ status: "unconfirmed", adopting: "resp_1" }, "Running"],
  [{ status: "queued", created_at: on(1, 9) }, "Running"],
  [{ status: "completed", created_at: on(23, 0, 10) }, "Today"],
  [{ status: "failed", created_at: on(22, 23, 50) }, "Yesterday"],
  [{ status: "cancelled", created_at: on(22, 0, 0) }, "Yesterday"],
  [{ status: "completed", created_at: on(21, 23, 59) }, "Older"],
  [{ status: "completed", pinned: true, created_at: on(1, 9) }, "Pinned"],
  [{ status: "completed", pinned: true, archived: true, created_at: on(1, 9) }, null],
  [{ status: "in_progress", archived: true, created_at: on(1, 9) }, "Running"],
]))
  test(`${differences.status} of ${differences.created_at ?? "any day"} stands under ${group}: ${JSON.stringify(differences)}`, () => assert.equal(groupOf(task(differences), now), group));
