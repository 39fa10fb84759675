/** Decides which rows of a long list are drawn: those in sight and some before and after. */

const OVERSCAN_ROWS = 12;

/** The next page is loaded this many rows before the end. */
const PREFETCH_ROWS = 40;

/**
 * Indexes [first, last) of the rows to draw. Lengths are pixels.
 * @param {{above: number, height: number, row: number, count: number}} sight `above` is the scrolled part of the list
 */
export function rowsInSight({ above, height, row, count }) {
  const last = Math.min(count, Math.ceil((above + height) / row) + OVERSCAN_ROWS);
  const first = Math.floor(above / row) - OVERSCAN_ROWS;
  return { first: Math.max(0, Math.min(first, last)), last: Math.max(0, last) };
}

/** @param {number} last @param {number} count */
export const nearsEnd = (last, count) => last + PREFETCH_ROWS > count;
