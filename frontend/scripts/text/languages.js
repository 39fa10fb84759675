/** Names of programming languages as they are written, from the word after a code fence. */

/** @type {Record<string, string>} */
const NAMES = {
  bash: "Bash", c: "C", cpp: "C++", "c++": "C++", cs: "C#", csharp: "C#", css: "CSS", go: "Go", graphql: "GraphQL", html: "HTML", ini: "INI",
  js: "JavaScript", javascript: "JavaScript", json: "JSON", jsx: "JSX", kotlin: "Kotlin", latex: "LaTeX", md: "Markdown", php: "PHP",
  powershell: "PowerShell", py: "Python", r: "R", rs: "Rust", sh: "Shell", sql: "SQL", toml: "TOML", ts: "TypeScript",
  typescript: "TypeScript", tsx: "TSX", txt: "Text", xml: "XML", yaml: "YAML", yml: "YAML",
};

/** @param {string|undefined} word */
export function languageName(word) {
  if (!word) return "Code";
  return Object.hasOwn(NAMES, word) ? NAMES[word] : word[0].toUpperCase() + word.slice(1);
}
