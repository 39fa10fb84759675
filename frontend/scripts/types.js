/** Types of the API's JSON; a test compares them with the OpenAPI document. */

/**
 * @typedef {"queued"|"submitting"|"in_progress"|"unconfirmed"|"completed"|"incomplete"|"failed"|"cancelled"} Status
 *
 * @typedef {{type: "input_text"|"output_text", text: string}} Part
 * @typedef {{role: "developer"|"user"|"assistant", content: string|Part[]}} Message
 * @typedef {{url: string, title: string, start_index: number|null, end_index: number|null}} Citation
 *
 * @typedef {object} TaskSummary A task as the list gives it. Times are RFC 3339 UTC, money is dollars.
 * @property {string} id
 * @property {Status} status
 * @property {"openai"|"simulator"} provider
 * @property {string|null} provider_status
 * @property {string|null} paused
 * @property {Waiting|null} waiting while the provider refuses it or does not answer about it
 * @property {string} title
 * @property {string} created_at
 * @property {string|null} submitted_at
 * @property {string|null} completed_at
 * @property {string|null} response_id
 * @property {string|null} client_request_id sent to the provider as X-Client-Request-Id
 * @property {string|null} adopting id of the response that is being checked
 * @property {string|null} adoption_refused why the last checked response is not this task's
 * @property {string|null} parent_id
 * @property {string|null} retry_of
 * @property {"text"|"refusal"|"empty"|null} answer_kind what the model answered with; null before that
 * @property {string|null} model that answered
 * @property {string|null} model_note what is unusual about it
 * @property {any|null} usage
 * @property {number|null} cost_usd
 * @property {number|null} estimated_cost_usd
 * @property {{code: string, message: string}|null} error
 * @property {Receipt|null} receipt what ending it here did at the provider; null if the provider ended it
 * @property {{requested_at: string, attempts: number, problem: string|null}|null} deletion while in progress
 * @property {number} polls
 * @property {string|null} last_polled_at
 * @property {string|null} next_poll_at
 * @property {boolean} pinned
 * @property {boolean} archived
 * @property {boolean} unread ended, and not opened since
 * @property {number} version
 *
 * @typedef {{code: string, message: string, attempts: number, next_attempt_at: string|null}} Waiting
 *
 * @typedef {object} Receipt
 * @property {"no"|"yes"|"unknown"} sent
 * @property {"not_needed"|"pending"|"done"|"not_done"} cancellation
 * @property {boolean} settled nothing more will be known
 * @property {string} message
 *
 * @typedef {TaskSummary & {input: Message[], output_text: string|null, citations: Citation[], searches: number|null}} Task
 * @typedef {{title?: string, pinned?: boolean, archived?: boolean, read?: boolean}} Marks
 * @typedef {{field: "prompt"|"answer", parts: {text: string, match: boolean}[]}} Snippet why a task was found
 * @typedef {object} TaskPage
 * @property {TaskSummary[]} data
 * @property {string|null} next_cursor
 * @property {number|null} [total] tasks that match; a search counts up to 1,001
 * @property {number|null} [compared] of the newest tasks, when sorted
 * @property {Record<string, Snippet>|null} [snippets] by task id
 *
 * @typedef {TaskSummary & {messages: number|null}} ThreadTask `messages` counts those of its input; null for tasks of earlier versions
 * @typedef {{root: string, data: ThreadTask[], truncated: boolean}} Thread a tree of tasks, oldest first
 *
 * @typedef {object} DeletionReceipt The receipt of a deletion.
 * @property {string} id
 * @property {string} deleted_at
 * @property {string} requested_at
 * @property {{response_id: string|null, outcome: "deleted"|"already_gone"|"never_sent"|"unknown", message: string}} provider
 * @property {string} here what is kept
 *
 * @typedef {{p50: number, p90: number}} Usual median and 90th percentile
 * @typedef {{duration_s: Usual|null, cost_usd: Usual|null, tasks: number, message: string}} Estimate
 * @typedef {object} TaskProgress Compares a running task with earlier ones.
 * @property {"usual"|"slow"|"stuck"|"unknown"} pace
 * @property {Usual|null} usual seconds from submission to the answer
 * @property {string|null} checked_at time of the last poll
 * @property {{since: string, message: string}|null} at_risk while its polls are minutes overdue
 * @property {string} message
 *
 * @typedef {object} Readiness
 * @property {"ready"|"unavailable"} status
 * @property {"openai"|"simulator"} provider
 * @property {string} model
 * @property {number|null} pollers null if unknown
 * @property {{reason: string, since: string, message: string}|null} paused
 * @property {{kind: string, message: string}[]} issues causes before their consequences
 * @property {string} detail
 * @property {string|null} [durability] what an accepted task survives
 *
 * @typedef {{cost_usd: number, wasted_usd: number, tasks: number, unpriced: number, estimated_usd: number}} Spent
 * @typedef {{budget_usd: number|null, spent_usd: number, reserved_usd: number, left_usd: number|null}} Allowance
 * @typedef {object} Spending By day in UTC, newest first, without empty days.
 * @property {string} provider
 * @property {string} since
 * @property {string} until
 * @property {Spent} total
 * @property {{installation: Allowance|null, owners: (Allowance & {owner: string|null})[], resets_at: string}} today
 * @property {(Spent & {date: string})[]} days
 *
 * @typedef {{id: string, name: string, text: string}} Preset saved instructions
 * @typedef {{id: string|null, name: string|null, admin: boolean}} Me the owner of a token; null without tokens
 *
 * @typedef {object} Problem An RFC 9457 problem document.
 * @property {string} [type]
 * @property {string} [title]
 * @property {number} [status]
 * @property {string} [detail]
 * @property {{field: string, message: string}[]} [errors]
 * @property {DeletionReceipt} [receipt] of a task that was deleted
 */

export {};
