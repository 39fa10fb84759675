/** Saved instructions in the composer: `presets({api, newId, read, write})`; chosen, saved and deleted here, kept on the server. */

import { el, setText } from "../../scripts/dom.js";
import { explainAction } from "../../scripts/format/error-text.js";

/** @typedef {import("../../scripts/types.js").Preset} Preset */

/** @param {{api: import("../../scripts/connection/api.js").Api, newId: () => string, read: () => string, write: (text: string) => void}} parts `read` and `write` the instructions */
export function presets({ api, newId, read, write }) {
  /** @type {Preset[]} */
  let known = [];
  let round = 0;
  const choice = el("select", { "aria-label": "Saved instructions", change: choose });
  const name = el("input", { "aria-label": "Name of the preset", placeholder: "Name", maxlength: "100" });
  const save = el("button", { type: "button", class: "quiet", click: keep }, "Save as a preset");
  const remove = el("button", { type: "button", class: "quiet", click: drop }, "Delete the preset");
  const news = el("span", { role: "status" });
  const element = el("div", { class: "presets" }, choice, remove, name, save, news);
  name.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), keep()));
  load();

  const chosen = () => known.find(({ id }) => id === choice.value);

  /** @param {string} [id] to choose */
  async function load(id = "") {
    const mine = ++round;
    const found = await attempt(() => api.presets());
    if (mine !== round) return; // a later reading is under way
    known = found?.data ?? known;
    choice.replaceChildren(el("option", { value: "" }, known.length > 0 ? "Choose a preset" : "No presets yet"), ...known.map((each) => el("option", { value: each.id }, each.name)));
    choice.value = id;
    choice.disabled = known.length === 0;
    remove.hidden = chosen() === undefined;
  }

  function choose() {
    const preset = chosen();
    remove.hidden = preset === undefined;
    name.value = preset?.name ?? "";
    if (preset) write(preset.text);
  }

  /** The chosen preset is replaced when it keeps its name. */
  async function keep() {
    const text = read().trim();
    if (!text || !name.value.trim()) return setText(news, text ? "Give it a name." : "Write the instructions first.");
    const before = chosen();
    const id = before?.name === name.value.trim() ? before.id : newId();
    const saved = await attempt(() => api.savePreset(id, { name: name.value.trim(), text }));
    if (!saved) return;
    await load(id);
    setText(news, "Saved.");
  }

  async function drop() {
    const preset = chosen();
    if (!preset) return;
    await attempt(() => api.deletePreset(preset.id));
    await load();
    choice.focus();
  }

  /** @template Reply @param {() => Promise<Reply>} call @returns {Promise<Reply|null>} null after an error, which is shown */
  async function attempt(call) {
    setText(news, "");
    try {
      return await call();
    } catch (error) {
      setText(news, explainAction(error).summary);
      return null;
    }
  }

  return element;
}
