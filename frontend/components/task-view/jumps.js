/** Jumps within an answer: to a section, a source or a footnote, and back by the browser's Back. */

/** Citations that were followed, the latest last. @type {{link: HTMLElement, address: string}[]} */
const followed = [];

addEventListener("popstate", (event) => {
  const at = event.state?.jump;
  if (at) return show(document.getElementById(at));
  const last = followed.pop();
  if (last?.address === location.href && last.link.isConnected) show(last.link);
  else followed.length = 0;
});

/** A note's link scrolls to its target and keeps the address; a heading's link becomes the address. @param {Event} event @param {string} prefix of the ids */
export function follow(event, prefix) {
  const link = /** @type {HTMLAnchorElement|null} */ (/** @type {Element} */ (event.target).closest("a[href^='#']"));
  const pressed = /** @type {MouseEvent} */ (event);
  if (!link || pressed.ctrlKey || pressed.metaKey || pressed.shiftKey) return;
  const { section } = link.dataset;
  if (section && prefix) return; // the address of another task
  event.preventDefault();
  if (section) {
    history.replaceState(null, "", link.href);
    return show(document.getElementById(`section-${section}`));
  }
  const target = prefix + link.hash.slice(1);
  followed.push({ link, address: location.href });
  history.pushState({ jump: target }, ""); // so that Back stays in the task
  show(document.getElementById(target));
}

/** @param {HTMLElement|null} element @param {ScrollLogicalPosition} [block] */
export function show(element, block = "center") {
  element?.scrollIntoView({ block });
  element?.focus({ preventScroll: true });
}
