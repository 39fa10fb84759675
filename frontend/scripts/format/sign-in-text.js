/** Texts of the sign-in view. */

import { Refused } from "../connection/api.js";
import { duration } from "./time.js";

/** Why sign-in is needed: no token, an invalid one, or the user signed out here or in another tab. @typedef {"needed"|"refused"|"left"|"elsewhere"} Lock */

/** @type {Record<Lock, string>} */
export const REASONS = {
  needed: "Sign in with your token to see your tasks and their cost.",
  refused: "Your token is no longer valid: it was revoked or replaced. Your drafts are kept. Sign in to continue.",
  elsewhere: "You signed out in another tab.",
  left: "You are signed out. Your token and drafts were removed from this browser. Your tasks continue.",
};

export const NO_TOKEN = "That is not a token: a token is one word of letters, digits, “-” and “_”.";

/** @param {unknown} error */
export function explainSignIn(error) {
  if (!(error instanceof Refused)) return "Backburner did not respond. Try again.";
  if (error.status === 401) return "Unknown token. Check that it is complete; it may also have been revoked or replaced.";
  const wait = error.retryAfter === null ? "later" : `in ${duration(error.retryAfter * 1000)}`;
  return `${error.message} Try again ${wait}.`;
}
