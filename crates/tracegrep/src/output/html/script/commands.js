// What keys and buttons do.

function jumpToError(by) {
  const candidates = rows.slice(focused?.index ?? 0, focused?.end ?? rows.length).filter((row) => row.isError && matches(row));
  if (candidates.length === 0) return;
  const at = selected?.index ?? (by > 0 ? -1 : rows.length);
  const ahead = by > 0 ? candidates.find((row) => row.index > at) : candidates.findLast((row) => row.index < at);
  // After the last error comes the first one.
  const next = ahead ?? candidates.at(by > 0 ? 0 : -1);
  reveal(next);
  update();
  select(next);
}

function expandOrEnter() {
  if (!selected || !hasChildren(selected)) return;
  if (collapsed.has(selected)) toggle(selected);
  else move(1);
}

function collapseOrLeave() {
  if (!selected) return;
  if (hasChildren(selected) && !collapsed.has(selected)) toggle(selected);
  else if (selected.parent && isShown(selected.parent)) select(selected.parent);
}

function openSelected() {
  if (!selected) return;
  if (selected.span && hasChildren(selected)) toggle(selected);
  else openDetails();
}

function collapseAll() {
  for (const row of rows) if (row.span && hasChildren(row)) collapsed.add(row);
  update();
}

function expandAll() {
  collapsed.clear();
  update();
}

// Shows only a span with what is in it. The address names the span, so that it can be shared, and left by going back.
function focusOn(row) {
  const address = row ? "#span=" + encodeURIComponent(row.span.span_id) : "#";
  if (location.hash === address) applyAddress();
  else location.hash = address;
}

function applyAddress() {
  const id = new URLSearchParams(location.hash.slice(1)).get("span");
  const found = id === null ? null : rows.find((row) => row.span?.span_id === id);
  focused = found ?? null;
  unknownSpan = found === undefined ? id : null;
  setWholeTime(focused?.span);
  if (focused) {
    reveal(focused);
    collapsed.delete(focused);
    selected = focused;
  }
  describeFocus();
  drawOverview();
  byId("list").scrollTop = 0;
  update();
  if (isDetailed() && selected) showDetails(selected);
}

function focusSelected() {
  const row = selected?.line ? selected.parent : selected;
  if (row) focusOn(focused === row ? null : row);
}

function showHelp() {
  byId("help").showModal();
}

function leave() {
  if (isDetailed()) closeDetails();
  else if (focused) focusOn(null);
}

const COMMANDS = [
  ["↓ j", "Next row", ["ArrowDown", "j"], () => move(1)],
  ["↑ k", "Previous row", ["ArrowUp", "k"], () => move(-1)],
  ["→", "Expand, or enter the span", ["ArrowRight"], expandOrEnter],
  ["←", "Collapse, or leave the span", ["ArrowLeft"], collapseOrLeave],
  ["Enter", "Expand or collapse a span, show a line", ["Enter"], openSelected],
  ["Space i", "Show all of a span or a line", [" ", "i"], openDetails],
  ["Page Down", "Down by a page", ["PageDown"], () => move(rowsPerPage())],
  ["Page Up", "Up by a page", ["PageUp"], () => move(-rowsPerPage())],
  ["Home", "First row", ["Home"], () => move(-shown.length)],
  ["End", "Last row", ["End"], () => move(shown.length)],
  ["e", "Next error", ["e"], () => jumpToError(1)],
  ["E", "Previous error", ["E"], () => jumpToError(-1)],
  ["/", "Filter by text", ["/"], () => byId("text").focus()],
  ["f", "Show only this span", ["f"], focusSelected],
  ["[", "Collapse all", ["["], collapseAll],
  ["]", "Expand all", ["]"], expandAll],
  ["+", "Zoom in", ["+", "="], () => zoom(0.5)],
  ["-", "Zoom out", ["-", "_"], () => zoom(2)],
  ["0", "Show the whole time", ["0"], showWholeTime],
  ["a d", "Move the shown time", ["a"], () => pan(-0.25)],
  [null, null, ["d"], () => pan(0.25)],
  ["Esc", "Close, or show the whole trace", ["Escape"], leave],
  ["?", "Show these keys", ["?"], showHelp],
];

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const { target, key } = event;
  const isTyping = target.matches("input, select");
  if (isTyping && key === "Escape") return byId("list").focus();
  // Buttons and summaries have meanings of their own for these keys.
  const isPressing = target.matches("button, summary") && (key === "Enter" || key === " ");
  if (isTyping || isPressing || (target === byId("divider") && key.startsWith("Arrow"))) return;
  const command = COMMANDS.find(([, , keys]) => keys.includes(key));
  if (command === undefined) return;
  event.preventDefault();
  command[3]();
}

function fillHelp() {
  for (const [keys, meaning] of COMMANDS) {
    if (keys === null) continue;
    const names = element("dt");
    for (const name of keys.startsWith("Page") ? [keys] : keys.split(" ")) names.append(element("kbd", "", name), " ");
    byId("help").querySelector("dl").append(names, element("dd", "", meaning));
  }
}
