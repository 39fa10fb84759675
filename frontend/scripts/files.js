/** Documents that leave the page: their names, and their saving as files. */

/** The name that a Content-Disposition header gives, or the other one. @param {string|null} header @param {string} otherwise */
export function fileName(header, otherwise) {
  const name = /filename\*=UTF-8''([^;\s]+)/.exec(header ?? "")?.[1];
  try {
    return name ? decodeURIComponent(name).replace(/[/\\]/g, "-") : otherwise;
  } catch {
    return otherwise;
  }
}

/** @param {{name: string, text: string, type: string}} file */
export function save({ name, text, type }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be reading
}
