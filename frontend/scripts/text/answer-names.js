/** What the parts of an answer are called: its sections in addresses, and the languages of its code. */

const LENGTH = 60;

/** Returns a function that gives each heading a name of its own. */
export function createSlugs() {
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {Map<string, number>} */
  const counts = new Map(); // keeps 100,000 equal headings linear
  return (/** @type {string} */ text) => {
    const words = text.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").slice(0, LENGTH);
    const name = words.replace(/^-|-$/g, "") || "section";
    let count = counts.get(name) ?? 0;
    let unique;
    do unique = ++count === 1 ? name : `${name}-${count}`;
    while (used.has(unique));
    counts.set(name, count);
    used.add(unique);
    return unique;
  };
}

/** By the word after a code fence. @type {Record<string, string>} */
const LANGUAGES = {
  bash: "Bash", c: "C", cpp: "C++", "c++": "C++", cs: "C#", csharp: "C#", css: "CSS", go: "Go", graphql: "GraphQL", html: "HTML", ini: "INI",
  js: "JavaScript", javascript: "JavaScript", json: "JSON", jsx: "JSX", kotlin: "Kotlin", latex: "LaTeX", md: "Markdown", php: "PHP",
  powershell: "PowerShell", py: "Python", r: "R", rs: "Rust", sh: "Shell", sql: "SQL", toml: "TOML", ts: "TypeScript",
  typescript: "TypeScript", tsx: "TSX", txt: "Text", xml: "XML", yaml: "YAML", yml: "YAML",
};

/** The display name of a language, for example "Python". @param {string|undefined} word after the fence */
export function languageName(word) {
  if (!word) return "Code";
  return Object.hasOwn(LANGUAGES, word) ? LANGUAGES[word] : word[0].toUpperCase() + word.slice(1);
}
