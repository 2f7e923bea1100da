// The rows of the trace, in the order in which they are drawn: each span before what is in it.

const data = JSON.parse(byId("data").textContent);
const rows = data.rows;
const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];
// As many colors as the style has for services.
const COLORS = 10;

function prepareRows() {
  const open = [];
  const siblings = new Map();
  for (const [index, row] of rows.entries()) {
    row.index = index;
    row.end = index + 1;
    row.parent = row.depth > 0 ? open[row.depth - 1] : null;
    open[row.depth] = row;
    row.position = (siblings.get(row.parent) ?? 0) + 1;
    siblings.set(row.parent, row.position);
    row.service = row.span ? row.span.service : row.line.service ?? row.parent?.span.service;
    row.errors = 0;
    row.isError = row.line !== undefined && isErrorLine(row.line);
  }
  // From the end, so that the rows below a row are known.
  for (const row of rows.toReversed()) {
    row.siblings = siblings.get(row.parent);
    // The error of a span may be known from its closing line alone, which has no row.
    row.isError ||= row.span?.has_error === true && row.errors === 0;
    row.errors += row.isError ? 1 : 0;
    if (row.parent) {
      row.parent.end = Math.max(row.parent.end, row.end);
      row.parent.errors += row.errors;
    }
  }
}

function isErrorLine(line) {
  const isBad = line.level === undefined ? line.error !== undefined : LEVELS.indexOf(line.level) >= LEVELS.indexOf("error");
  return isBad && !line.is_mention;
}

function hasChildren(row) {
  return row.end > row.index + 1;
}

function colorClass(service) {
  const number = data.services.indexOf(service);
  return number < 0 ? "no-service" : "service-" + (number % COLORS);
}

function spanName(span) {
  if (span.timing === "missing") return "missing parent " + span.span_id;
  return span.name ?? "span " + span.span_id;
}

prepareRows();
