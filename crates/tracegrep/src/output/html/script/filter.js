// Which rows are shown.

const filter = { text: "", level: "", hiddenServices: new Set() };
const collapsed = new Set();
// The row of the span that is shown alone with what is in it.
let focused = null;
// The id in the address, if no span has it.
let unknownSpan = null;

// The rows to draw, and how many match.
let shown = [];
const counts = { lines: 0, spans: 0, allLines: 0, allSpans: 0 };

function isFiltering() {
  return filter.text !== "" || filter.level !== "" || filter.hiddenServices.size > 0;
}

function matches(row) {
  if (row.service !== undefined && filter.hiddenServices.has(row.service)) return false;
  if (row.span && (row.span.timing === "missing" || filter.level !== "")) return !isFiltering();
  if (row.line && LEVELS.indexOf(row.line.level) < LEVELS.indexOf(filter.level)) return false;
  return filter.text === "" || searchText(row).includes(filter.text);
}

// All text of a row, in lower case.
function searchText(row) {
  if (row.searchText === undefined) {
    const parts = row.span ? textsOfSpan(row.span) : textsOfLine(row.line);
    row.searchText = parts.filter((part) => part).join("\n").toLowerCase();
  }
  return row.searchText;
}

function textsOfFields(fields) {
  return fields.map(([name, value]) => name + "=" + value);
}

function textsOfSpan(span) {
  const lines = span.life.flatMap(textsOfLine);
  return [span.name, span.service, span.span_id, ...textsOfFields(span.fields), ...lines];
}

function textsOfLine(line) {
  const { text, failure, service, fields, following, raw } = line;
  return [text, failure, service, ...textsOfFields(fields), line.error?.stack, following, raw];
}

// Rows that match, and the spans around them, unless they are in a collapsed span.
function updateShown() {
  const first = focused?.index ?? 0;
  const end = focused?.end ?? rows.length;
  const kept = new Set();
  Object.assign(counts, { lines: 0, spans: 0, allLines: 0, allSpans: 0 });
  for (let index = first; index < end; index += 1) {
    const row = rows[index];
    const isCounted = row.span ? row.span.timing !== "missing" : !row.line.is_mention;
    const isMatch = matches(row);
    if (isCounted) {
      counts[row.span ? "allSpans" : "allLines"] += 1;
      if (isMatch) counts[row.span ? "spans" : "lines"] += 1;
    }
    row.isContext = !isMatch;
    for (let at = isMatch ? row : null; at && at.index >= first && !kept.has(at); at = at.parent) {
      kept.add(at);
    }
  }
  shown = [];
  for (let index = first; index < end; ) {
    const row = rows[index];
    if (kept.has(row)) {
      row.place = shown.length;
      shown.push(row);
    }
    index = kept.has(row) && !collapsed.has(row) ? index + 1 : row.end;
  }
}

// Also finds what is in collapsed spans.
function filterByText(text) {
  filter.text = text.toLowerCase();
  if (filter.text === "" || collapsed.size === 0) return;
  for (const row of rows) if (matches(row)) reveal(row);
}

function isShown(row) {
  return shown[row.place] === row;
}

// Expands the spans around a row.
function reveal(row) {
  for (let at = row.parent; at; at = at.parent) collapsed.delete(at);
}
