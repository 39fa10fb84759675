/** The view that asks for a token, whatever the address. */

import { signIn } from "../components/sign-in/sign-in.js";
import { REASONS } from "../scripts/format/sign-in-text.js";

/** @param {import("../scripts/view-host.js").Parts} parts @param {import("../scripts/state/store.js").State} state @returns {import("../scripts/view-host.js").View} */
export function view({ api, onToken }, { locked }) {
  const { element, focus } = signIn({ check: api.me, onToken, why: REASONS[locked ?? "needed"] });
  return { element, focus, title: () => "Sign in" };
}
