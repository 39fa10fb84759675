/** Makes many calls without taking the connections of the whole page. */

/** Makes the calls in order, at most `limit` at a time. @template Reply @param {(() => Promise<Reply>)[]} calls @param {number} limit @returns {Promise<Reply>[]} */
export function inTurn(calls, limit) {
  /** @type {Promise<Reply>[]} */
  const replies = [];
  for (const [index, call] of calls.entries()) {
    const before = replies[index - limit];
    replies.push(before ? before.then(call, call) : call());
  }
  return replies;
}
