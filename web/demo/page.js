// What all parts of the page do with its elements. Texts of others become text nodes, never markup.

const TOAST = 6000; // milliseconds

/** @param {string} id @returns {any} */
export const get = (id) => document.getElementById(id);

/** Shows a text where it is not shown yet: what is said again would be read aloud again. */
export function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function element(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const icon = (name) => drawn("svg", { "aria-hidden": "true" }, drawn("use", { href: `#i-${name}` }));

const TONES = 5;

/** The first letter of a name and the digit that it ends with, in a colour that stays with it. */
export function showInitial(avatar, name) {
  const letters = [...name.trim()];
  const sum = letters.reduce((total, letter) => (total * 31 + letter.codePointAt(0)) % 65_521, 0);
  const digit = letters.length > 1 ? (name.match(/\d$/)?.[0] ?? "") : "";
  avatar.textContent = (letters[0] ?? "").toUpperCase() + digit;
  avatar.dataset.tone = String(sum % TONES);
}

/** @param {"login" | "lobby" | "call"} view */
export function show(view) {
  document.body.dataset.view = view;
}

export const shown = () => document.body.dataset.view;

export function toast(text) {
  const made = element("p", { class: "toast", text });
  get("toasts").append(made);
  setTimeout(() => made.remove(), TOAST);
}
