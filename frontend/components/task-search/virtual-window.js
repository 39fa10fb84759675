/** Which rows of a long list are there at all: those in sight, with some before and after. */

const SPARE = 12;

/** So many rows before the end the next page is asked for. */
const AHEAD = 40;

/**
 * Indexes [first, last) of the rows to draw. Lengths are pixels.
 * @param {{above: number, height: number, row: number, count: number}} sight `above` is how much of the list is scrolled past
 */
export function rowsInSight({ above, height, row, count }) {
  const last = Math.min(count, Math.ceil((above + height) / row) + SPARE);
  const first = Math.floor(above / row) - SPARE;
  return { first: Math.max(0, Math.min(first, last)), last: Math.max(0, last) };
}

/** @param {number} last @param {number} count */
export const nearsEnd = (last, count) => last + AHEAD > count;
