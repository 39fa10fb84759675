/** A browser's storage; `full` refuses to write, `disabled` refuses everything. */
export function fakeStorage({ kept = new Map(), full = false, disabled = false } = {}) {
  const unless = (refused, run) => (...given) => {
    if (refused) throw new Error("QuotaExceededError or SecurityError");
    return run(...given);
  };
  return /** @type {any} */ ({
    kept,
    get length() {
      return kept.size;
    },
    key: unless(disabled, (index) => [...kept.keys()][index] ?? null),
    getItem: unless(disabled, (name) => kept.get(name) ?? null),
    setItem: unless(full || disabled, (name, value) => kept.set(name, value)),
    removeItem: unless(disabled, (name) => kept.delete(name)),
  });
}

/** A tab of a browser in which the others named are open; null where the browser does not say. */
export const fakeTab = (id = "tab-1", { open = [], storage = fakeStorage() } = {}) => ({ id, storage, locks: undefined, isOpen: (other) => open && open.includes(other), look: async () => {} });
