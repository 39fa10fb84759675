/** A browser's storage; `full` refuses to write, `disabled` refuses everything. */
export function fakeStorage({ kept = new Map(), full = false, disabled = false } = {}) {
  const unless = (refused, run) => (...given) => {
    if (refused) throw new Error("QuotaExceededError or SecurityError");
    return run(...given);
  };
  return /** @type {any} */ ({
    kept,
    getItem: unless(disabled, (name) => kept.get(name) ?? null),
    setItem: unless(full || disabled, (name, value) => kept.set(name, value)),
    removeItem: unless(disabled, (name) => kept.delete(name)),
  });
}
