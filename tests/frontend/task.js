/** A task as the API gives it, for tests to vary. */

/** @param {object} [differences] */
export const task = (differences = {}) => ({
  id: "task_1",
  status: "queued",
  provider: "openai",
  provider_status: null,
  paused: null,
  title: "Tides",
  created_at: "2026-11-23T03:00:00.000Z",
  submitted_at: null,
  completed_at: null,
  response_id: null,
  parent_id: null,
  retry_of: null,
  input: [{ role: "user", content: [{ type: "input_text", text: "Tides" }] }],
  output_text: null,
  citations: [],
  usage: null,
  cost_usd: null,
  error: null,
  polls: 0,
  last_polled_at: null,
  next_poll_at: null,
  version: 1,
  ...differences,
});
