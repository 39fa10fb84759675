/** Asks for a token, checks it with the API and explains errors: `signIn({check, onToken, why})`. */

import { el, setText } from "../../scripts/dom.js";
import { explainSignIn, NO_TOKEN } from "../../scripts/format/sign-in-text.js";
import { tokenIn } from "../../scripts/state/browser-storage.js";

/**
 * @param {object} parts
 * @param {(token: string) => Promise<import("../../scripts/types.js").Me>} parts.check resolves to the owner; rejects an invalid token
 * @param {(signed: {token: string, owner: string}, remember: boolean) => void} parts.onToken receives a valid token and the id of its owner
 * @param {string} parts.why why sign-in is needed
 */
export function signIn({ check, onToken, why }) {
  const heading = el("h1", { tabindex: "-1" }, "Sign in");
  const problem = el("p", { class: "field-error", id: "token-problem", role: "alert" });
  // Without a name attribute the token can never become part of a URL.
  const field = el("input", { id: "token", type: "password", autocomplete: "current-password", autocapitalize: "off", spellcheck: "false", required: true, "aria-describedby": "token-hint token-problem" });
  const hint = el("p", { class: "hint", id: "token-hint" }, "Tokens begin with bb_. Your administrator creates them; ask for a new one if you have lost yours.");
  const remember = el("input", { type: "checkbox" });
  const keep = el("label", { class: "remember" }, remember, el("span", {}, "Stay signed in ", el("span", { class: "field-hint" }, "in this browser, after this tab is closed")));
  const button = el("button", { type: "submit", class: "primary" }, "Sign in");
  const form = el("form", { class: "sign-in-form", novalidate: true, submit }, el("label", { for: "token" }, "Token"), field, hint, problem, keep, button);
  const element = el("section", { class: "sign-in" }, heading, el("p", { class: "lead" }, why), form);
  let busy = false;

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const token = tokenIn(field.value);
    if (busy) return;
    if (token === null) return setError(NO_TOKEN);
    setBusy(true);
    try {
      const { id } = await check(token);
      field.value = "";
      onToken({ token, owner: id ?? "" }, remember.checked);
    } catch (error) {
      setError(explainSignIn(error));
    }
    setBusy(false);
  }

  /** @param {boolean} working */
  function setBusy(working) {
    busy = working;
    button.setAttribute("aria-disabled", String(working)); // "disabled" would lose the focus
    setText(button, working ? "Signing in…" : "Sign in");
    if (working) setError("");
  }

  /** @param {string} message */
  function setError(message) {
    setText(problem, message);
    if (!message) return field.removeAttribute("aria-invalid");
    field.setAttribute("aria-invalid", "true");
    field.focus();
    field.select();
  }

  return { element, focus: () => field.focus() };
}
