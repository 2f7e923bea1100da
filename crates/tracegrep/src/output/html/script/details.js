// All that is known of the selected span or line.

const TIMING = {
  exact: "From the closing line of the span",
  access_line: "From the access line of the request",
  backend: "From the tracing backend",
  lines: "From the first and the last line of the span, so that it may have been longer",
  unknown: "No line of the span has a time",
  missing: "No line belongs to this span. Other spans name it as their parent",
};
const EVIDENCE = {
  closing_line: "Named by the closing line of the span",
  parent_id: "Named by a line of the span",
  backend: "As the tracing backend has it",
};

function isDetailed() {
  return !byId("details").hidden;
}

function openDetails() {
  if (!selected) return;
  byId("details").hidden = false;
  showDetails(selected);
  bringIntoView(selected);
}

function closeDetails() {
  byId("details").hidden = true;
  byId("list").focus();
}

function showDetails(row) {
  const close = button("close", "×", closeDetails);
  close.title = "Close (Esc)";
  close.setAttribute("aria-label", "Close");
  const panel = byId("details");
  panel.className = colorClass(row.service);
  panel.replaceChildren(close, ...(row.span ? detailsOfSpan(row) : detailsOfLine(row)));
  panel.scrollTop = 0;
}

function detailsOfSpan(row) {
  const { span } = row;
  const isFocused = focused === row;
  const focus = button("", isFocused ? "Show the whole trace" : "Show only this span", () => {
    focusOn(isFocused ? null : row);
  });
  const facts = [
    ["Service", span.service],
    ["Duration", span.duration],
    ["Start", span.start],
    ["End", span.end],
    ["Times", TIMING[span.timing]],
    ["Clock", span.shift && `Drawn ${span.shift} from its own clock, by which it would begin before its parent`],
    ["Closed", span.is_unclosed && "No line says that the span has ended"],
    ["Span id", span.span_id],
    ["Parent id", span.parent_span_id ?? "No line names a parent"],
    ["Parent", EVIDENCE[span.parent_evidence]],
  ];
  return [
    element("h2", span.has_error ? "failed" : "", titleText(spanName(span))),
    focus,
    definitions(facts),
    ...wholeIfCut("Name", spanName(span)),
    ...part("Fields", fieldTable(span.fields)),
    ...span.life.flatMap((line) => part("Line about the span", ...sourceOf(line))),
  ];
}

function detailsOfLine(row) {
  const { line } = row;
  const level = element("span", "level " + (line.level ?? ""), (line.level ?? "no level").toUpperCase());
  const heading = element("h2", "message");
  heading.append(level, " ", titleText(line.text) || "Line without a message");
  const facts = [
    ["Time", line.time ?? "The line has no time that is recognized"],
    ["Since start", line.passed],
    ["Service", row.service],
    ["Span", line.span_name ?? (row.parent && spanName(row.parent.span))],
    ["Span id", line.span_id ?? "The line belongs to no span"],
    ["Duration", line.duration],
    ["Cut", line.is_cut && "The line is too long, and its end is missing"],
    ["Trace", line.is_mention && "The line belongs to another trace, and mentions this one"],
  ];
  const parts = [heading, definitions(facts), ...wholeIfCut("Message", line.text)];
  if (line.error) {
    const { type, message, causes, stack } = line.error;
    const error = [["Type", type], ["Message", message], ...causes.map((cause) => ["Caused by", cause])];
    const pieces = [definitions(error)];
    if (stack) pieces.push(appendPieces(element("pre"), stack));
    parts.push(...part("Error", ...pieces));
  }
  parts.push(...part("Fields", fieldTable(line.fields)), ...part("Line", ...sourceOf(line)));
  return parts;
}

// A longer title would take the place of all that is below it.
const MAX_TITLE = 300;

function titleText(text) {
  return beginningOf(text, MAX_TITLE);
}

// The whole of a text that is cut in the title.
function wholeIfCut(heading, text) {
  return text.length > MAX_TITLE ? part(heading, appendPieces(element("pre"), text)) : [];
}

// A heading and what is below it, or nothing.
function part(heading, ...pieces) {
  const present = pieces.filter((piece) => piece);
  return present.length > 0 ? [element("h3", "", heading), ...present] : [];
}

function definitions(facts) {
  const list = element("dl");
  for (const [name, text] of facts) {
    if (text) list.append(element("dt", "", name), appendPieces(element("dd"), text));
  }
  return list;
}

function fieldTable(fields) {
  if (fields.length === 0) return null;
  const table = element("table");
  for (const [name, value] of fields) {
    const row = table.insertRow();
    const heading = element("th", "", name);
    heading.scope = "row";
    const cell = element("td");
    cell.append(appendPieces(element("div"), value));
    row.append(heading, cell);
  }
  return table;
}

// Where a line is, and its text.
function sourceOf(line) {
  const raw = line.following ? line.raw + "\n" + line.following : line.raw;
  const place = element("p", "place");
  const copied = button("", "Copy", () => copy(raw, copied));
  place.append(element("span", "", `${line.file}, byte ${line.offset}`), copied);
  return [place, appendPieces(element("pre", "raw"), raw)];
}
