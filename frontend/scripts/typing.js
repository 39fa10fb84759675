/** Saves what is typed a moment after the typing pauses, so that typing never waits. */

const PAUSE = 250;

/**
 * @param {HTMLElement} element whose fields are typed in
 * @param {() => void} save
 * @returns {() => void} saves now, and not again for what was typed until now
 */
export function saveOnPause(element, save) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const now = () => {
    clearTimeout(timer);
    removeEventListener("pagehide", now);
    save();
  };
  element.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(now, PAUSE);
    addEventListener("pagehide", now); // who closes the page at once loses nothing
  });
  element.addEventListener("change", now);
  return now;
}

/** Ctrl-Enter or Cmd-Enter anywhere in the form sends it. @param {HTMLFormElement} form */
export function sendByKeyboard(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
