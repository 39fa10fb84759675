/** Loads the page's own font for formulas when an answer has one, so that roots and brackets join. */

const ADDRESS = "fonts/backburner-math.woff2";

/** @type {Promise<void>|null} */
let loading = null;

/** Loads the font once; without it formulas are drawn with a font of the system. */
export function loadMathFont() {
  loading ??= load().catch(() => {
    loading = null;
  });
}

/** From its bytes: the Content-Security-Policy allows no font by address. */
async function load() {
  const response = await fetch(ADDRESS);
  if (!response.ok) throw new Error(`${ADDRESS} could not be loaded`);
  document.fonts.add(await new FontFace("Backburner Math", await response.arrayBuffer()).load());
}
