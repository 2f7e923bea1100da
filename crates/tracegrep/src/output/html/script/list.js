// The list of rows, of which only those in view are elements, and the selected one among them.

// So many rows are created above and below what is in view.
const SPARE_ROWS = 8;

const created = new Map();
let rowHeight = 26;
let selected = null;
let isDrawing = false;

// Draws everything again, before the next frame.
function redraw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    byId("waterfall").style.setProperty("--gutter", byId("list").offsetWidth - byId("list").clientWidth + "px");
    rowHeight = parseFloat(getComputedStyle(byId("list")).getPropertyValue("--row-height"));
    setHeight();
    byId("empty").hidden = shown.length > 0;
    for (const old of created.values()) old.remove();
    created.clear();
    drawRows();
    drawAxis();
    drawBrush();
  });
}

function setHeight() {
  byId("rows").style.height = shown.length * rowHeight + "px";
}

function drawRows() {
  const list = byId("list");
  const first = Math.max(Math.floor(list.scrollTop / rowHeight) - SPARE_ROWS, 0);
  const end = Math.min(Math.ceil((list.scrollTop + list.clientHeight) / rowHeight) + SPARE_ROWS, shown.length);
  const wanted = new Set(shown.slice(first, end));
  for (const [row, old] of created) {
    if (wanted.has(row)) continue;
    old.remove();
    created.delete(row);
  }
  for (const row of wanted) {
    if (created.has(row)) continue;
    const added = createRow(row);
    added.style.top = row.place * rowHeight + "px";
    created.set(row, added);
    byId("rows").append(added);
  }
  markSelected();
}

function markSelected() {
  const list = byId("list");
  for (const [row, drawn] of created) drawn.setAttribute("aria-selected", row === selected);
  if (created.has(selected)) list.setAttribute("aria-activedescendant", "row-" + selected.index);
  else list.removeAttribute("aria-activedescendant");
}

// Computes the rows again, and keeps the selected one, or the one around it that is left.
function update() {
  updateShown();
  while (selected && !isShown(selected)) selected = selected.parent;
  describeCounts();
  // At once, because the list may be scrolled to a row before the next frame.
  setHeight();
  redraw();
}

function select(row) {
  selected = row;
  bringIntoView(row);
  showTimeOf(row);
  drawRows();
  if (isDetailed()) showDetails(row);
}

function bringIntoView(row) {
  const list = byId("list");
  const top = row.place * rowHeight;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight - list.clientHeight;
}

// Selects the row so many rows further down.
function move(by) {
  if (shown.length === 0) return;
  const from = selected && isShown(selected) ? selected.place : by > 0 ? -1 : shown.length;
  select(shown[Math.min(Math.max(from + by, 0), shown.length - 1)]);
}

function toggle(row) {
  if (!hasChildren(row)) return;
  if (collapsed.has(row)) collapsed.delete(row);
  else collapsed.add(row);
  update();
}

function rowsPerPage() {
  return Math.max(Math.floor(byId("list").clientHeight / rowHeight) - 1, 1);
}
