/** The words around signing in: why a token is asked for, what is wrong with one, whose it is. */

import { Refused } from "../connection/api.js";
import { duration } from "./time.js";

/** Why the page stands still: no token was sent, the one that was is not valid any more, or a person has signed out. @typedef {"needed"|"refused"|"left"|"elsewhere"} Lock */

/** @type {Record<Lock, string>} */
export const REASONS = {
  needed: "This Backburner asks everybody for a token, so that each sees their own tasks and what they cost.",
  refused: "Your token is not valid any more: it was revoked or replaced. Your drafts are kept; sign in to go on where you were.",
  elsewhere: "You were signed out in another tab.",
  left: "You are signed out. Your token and drafts are no longer in this browser; your tasks go on.",
};

export const NO_TOKEN = "That cannot be a token: it is one word of letters, digits, “-” and “_”.";

/** @param {unknown} error */
export function explainSignIn(error) {
  if (!(error instanceof Refused)) return "Backburner did not answer. Try again.";
  if (error.status === 401) return "This token is not known. Is it whole? It may also have been revoked or replaced.";
  const wait = error.retryAfter === null ? "later" : `in ${duration(error.retryAfter * 1000)}`;
  return `${error.message} Try again ${wait}.`;
}
