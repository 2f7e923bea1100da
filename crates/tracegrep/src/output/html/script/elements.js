// Elements of the page. Text of a log only ever becomes a text node.

function byId(id) {
  return document.getElementById(id);
}

function element(tag, className, text) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  if (text !== undefined) created.textContent = text;
  return created;
}

function button(className, text, onClick) {
  const created = element("button", className, text);
  created.type = "button";
  created.addEventListener("click", onClick);
  return created;
}

// A row has one line, and shows the beginning of a long text.
const MAX_ROW_TEXT = 500;

function rowText(text) {
  return beginningOf(text, MAX_ROW_TEXT).replaceAll("\n", "\\n");
}

function beginningOf(text, length) {
  // The cut may be within a pair of surrogates.
  return text.length > length ? text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "") + "…" : text;
}

// A text of megabytes would take seconds to lay out. The browser does this only for the pieces of it that are in view.
const MIN_PIECE = 4000;
const MAX_PIECE = 5000;

function appendPieces(parent, text) {
  if (text.length <= MAX_PIECE) {
    parent.textContent = text;
    return parent;
  }
  // Ends after a space if there is one, and never within a pair of surrogates.
  const pieces = new RegExp(`[^]{${MIN_PIECE}}[^]{0,${MAX_PIECE - MIN_PIECE}}?\\s|[^]{1,${MAX_PIECE}}`, "gu");
  for (const [piece] of text.matchAll(pieces)) parent.append(element("span", "piece", piece));
  return parent;
}

// Adds a text, in which all occurrences of the wanted text are marked.
function appendMarked(parent, text, wanted) {
  if (wanted === "") {
    parent.append(text);
    return parent;
  }
  const lower = text.toLowerCase();
  // Lower case can be longer than the text, and the places would differ.
  const found = lower.length === text.length ? (from) => lower.indexOf(wanted, from) : () => -1;
  let done = 0;
  for (let at = found(0); at >= 0; at = found(done)) {
    parent.append(text.slice(done, at), element("mark", "", text.slice(at, at + wanted.length)));
    done = at + wanted.length;
  }
  parent.append(text.slice(done));
  return parent;
}

// Copies a text, and says so on the button.
async function copy(text, pressed) {
  const before = pressed.textContent;
  try {
    await navigator.clipboard.writeText(text);
    pressed.textContent = "Copied";
  } catch {
    pressed.textContent = "Not allowed";
  }
  setTimeout(() => {
    pressed.textContent = before;
  }, 1500);
}
