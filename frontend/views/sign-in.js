/** The view that asks for a token, in the place of whatever the address names. */

import { signIn } from "../components/sign-in/sign-in.js";
import { REASONS } from "../scripts/sign-in.js";

/** @param {import("../scripts/page.js").Parts} parts @param {import("../scripts/store.js").State} state @returns {import("../scripts/page.js").View} */
export function view({ api, onToken }, { locked }) {
  const { element, focus } = signIn({ check: api.whose, onToken, why: REASONS[locked ?? "needed"] });
  return { element, focus, title: () => "Sign in" };
}
