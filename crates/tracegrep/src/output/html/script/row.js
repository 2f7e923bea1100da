// The elements of a row.

// Rows up to this depth are indented by whole steps. Below, steps are small, up to another depth, and a number shows the depth.
const MAX_WHOLE_STEPS = 12;
const MAX_SMALL_STEPS = 10;

function createRow(row) {
  const created = element("div", row.span ? "row span" : "row line");
  created.classList.add(colorClass(row.service));
  created.classList.toggle("context", row.isContext);
  created.classList.toggle("failed", row.isError && row.line !== undefined);
  created.id = "row-" + row.index;
  created.setAttribute("role", "treeitem");
  created.setAttribute("aria-level", depthOf(row) + 1);
  created.setAttribute("aria-posinset", row.position);
  created.setAttribute("aria-setsize", row.siblings);
  if (hasChildren(row)) created.setAttribute("aria-expanded", !collapsed.has(row));
  created.style.setProperty("--depth", Math.min(depthOf(row), MAX_WHOLE_STEPS));
  created.style.setProperty("--more-depth", Math.min(Math.max(depthOf(row) - MAX_WHOLE_STEPS, 0), MAX_SMALL_STEPS));
  created.append(...(row.span ? piecesOfSpan(row) : piecesOfLine(row)));
  created.addEventListener("click", () => {
    select(row);
    openDetails();
  });
  return created;
}

function depthOf(row) {
  return row.depth - (focused?.depth ?? 0);
}

function piecesOfSpan(row) {
  const { span } = row;
  const name = element("div", "name");
  if (hasChildren(row)) {
    const twist = button("twist", collapsed.has(row) ? "▸" : "▾", (event) => {
      event.stopPropagation();
      select(row);
      toggle(row);
    });
    twist.tabIndex = -1;
    twist.setAttribute("aria-hidden", "true");
    name.append(twist);
  } else {
    name.append(element("span", "twist"));
  }
  if (depthOf(row) > MAX_WHOLE_STEPS) name.append(titled("depth", String(depthOf(row)), "Depth in the tree"));
  const isErrorBelow = row.errors > (row.isError ? 1 : 0);
  if (span.has_error) name.append(element("span", "failed", "✗"));
  else if (collapsed.has(row) && isErrorBelow) name.append(titled("failed", "✗", "An error is in this span"));
  name.append(appendMarked(element("b", "title"), rowText(spanName(span)), filter.text));
  if (span.timing === "missing") name.append(element("span", "note", "no line belongs to it"));
  if (span.service !== undefined) name.append(appendMarked(element("span", "service"), rowText(span.service), filter.text));
  if (span.shift !== undefined) name.append(titled("badge", "⇄" + span.shift, "The clock of this service is corrected by this much"));
  if (span.is_unclosed) name.append(titled("note", "not closed", "No line says that the span has ended"));
  if (collapsed.has(row)) {
    name.append(titled("folded", "+" + counted(row.end - row.index - 1, "row"), "Hidden rows in this span"));
  }
  appendFields(name, span.fields);
  return [name, trackOfSpan(span)];
}

function trackOfSpan(span) {
  const track = element("div", "track");
  if (span.from === undefined) return track;
  const [left, right] = [percent(span.from), percent(span.to)];
  const bar = element("div", span.timing === "lines" ? "bar inferred" : "bar");
  bar.classList.toggle("failed", span.has_error === true);
  bar.style.left = placeOnTrack(left);
  bar.style.width = right - left + "%";
  const text = (span.timing === "lines" ? "~" : "") + span.duration;
  // The bar may be outside of the shown time.
  const before = span.to < time.from ? "‹ " : "";
  const after = span.from > time.to ? " ›" : "";
  const duration = element("span", "duration", before + text + after);
  // Beside the bar, on the side that has more room, or on the bar if it takes all.
  const side = 100 - right > 14 ? "right" : left > 14 ? "left" : "on";
  duration.classList.add(side);
  if (side === "right") duration.style.left = Math.max(right, 0) + "%";
  else duration.style.right = 100 - (side === "left" ? Math.min(left, 100) : Math.min(right, 100)) + "%";
  track.append(bar, duration);
  return track;
}

// What begins at the end of the track must not be cut off.
function placeOnTrack(left) {
  return left > 98 && left <= 100 ? `min(${left}%, 100% - 3px)` : left + "%";
}

function piecesOfLine(row) {
  const { line } = row;
  const name = element("div", "name");
  name.append(element("span", "passed", line.passed ?? ""));
  name.append(element("span", "level " + (line.level ?? ""), (line.level ?? "").toUpperCase()));
  const text = element("span", "content");
  if (line.shows_service) text.append(appendMarked(element("span", "service"), rowText(line.service), filter.text), " ");
  text.append(appendMarked(element("span", "message"), rowText(line.text), filter.text));
  if (line.failure) text.append(" ", appendMarked(element("span", "failure"), rowText(line.failure), filter.text));
  appendFields(text, line.fields);
  if (line.shows_duration) appendField(text, "duration", line.duration);
  if (line.error?.stack || line.following) text.append(" ", titled("note", "≡", "More text below the line"));
  if (line.is_cut) text.append(" ", element("span", "badge", "cut"));
  if (line.is_mention) text.append(" ", element("span", "badge", "of another trace"));
  name.append(text);
  const track = element("div", "track");
  if (line.at !== undefined) {
    const moment = element("div", "moment " + (line.level ?? ""));
    moment.style.left = placeOnTrack(percent(line.at));
    track.append(moment);
  }
  return [name, track];
}

function appendFields(parent, fields) {
  for (const [name, value, isShown] of fields) if (isShown) appendField(parent, name, value);
}

function appendField(parent, name, value) {
  const field = element("span", "field");
  field.append(element("span", "key", rowText(name) + "="));
  appendMarked(field, rowText(value), filter.text);
  parent.append(" ", field);
}

function titled(className, text, title) {
  const created = element("span", className, text);
  created.title = title;
  return created;
}
