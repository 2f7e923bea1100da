// The overview above the axis, and the choice of a time by dragging. The picture is only drawn again if its size, its colors or the shown
// span have changed, because it has all spans.

// A bar of a pixel or more for each span, and a mark at the bottom for each error. Colors are those of the style.
function drawOverview() {
  const box = byId("overview");
  const canvas = box.querySelector("canvas");
  const scale = window.devicePixelRatio;
  canvas.width = box.clientWidth * scale;
  canvas.height = box.clientHeight * scale;
  const context = canvas.getContext("2d");
  const style = getComputedStyle(box);
  const color = (name) => style.getPropertyValue(name);
  const place = (at) => ((at - whole.from) / (whole.to - whole.from)) * canvas.width;
  const within = rows.slice(focused?.index ?? 0, focused?.end ?? rows.length);
  const spans = within.filter((row) => row.span?.from !== undefined);
  const height = canvas.height / Math.max(spans.length, 6);
  const palette = new Map(data.services.map((name, number) => [name, color(`--service-${number % COLORS}`)]));
  const plain = color("--weak");
  for (const [number, row] of spans.entries()) {
    const left = place(row.span.from);
    const width = Math.max(place(row.span.to) - left, scale);
    context.fillStyle = palette.get(row.service) ?? plain;
    context.fillRect(left, number * height, width, Math.max(Math.min(height * 0.7, 6 * scale), 1));
  }
  const markHeight = Math.min(canvas.height / 4, 10 * scale);
  context.fillStyle = color("--error");
  for (const row of within.filter((row) => row.isError)) {
    const at = row.span ? row.span.to : row.line.at;
    const left = Math.min(place(at), canvas.width - 2 * scale);
    if (at !== undefined) context.fillRect(left, canvas.height - markHeight, 2 * scale, markHeight);
  }
}

// Marks the shown time on the overview.
function drawBrush() {
  const brush = byId("brush");
  const all = whole.to - whole.from;
  brush.style.left = ((time.from - whole.from) / all) * 100 + "%";
  brush.style.width = ((time.to - time.from) / all) * 100 + "%";
  brush.hidden = time.to - time.from >= all;
}

// Chooses a time by dragging over an element that shows this time.
function chooseByDragging(box, shownTime) {
  const timeAt = (event) => {
    const { left, width } = box.getBoundingClientRect();
    const place = Math.min(Math.max((event.clientX - left) / width, 0), 1);
    return shownTime.from + (shownTime.to - shownTime.from) * place;
  };
  let start = null;
  const mark = element("div", "chosen");
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = { x: event.clientX, at: timeAt(event) };
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const { left } = box.getBoundingClientRect();
    mark.style.left = Math.min(start.x, event.clientX) - left + "px";
    mark.style.width = Math.abs(event.clientX - start.x) + "px";
    box.append(mark);
  });
  box.addEventListener("pointercancel", () => {
    start = null;
    mark.remove();
  });
  box.addEventListener("pointerup", (event) => {
    const from = start;
    start = null;
    mark.remove();
    if (from === null || Math.abs(event.clientX - from.x) < 4) return;
    const to = timeAt(event);
    setTime(Math.min(from.at, to), Math.max(from.at, to));
  });
  box.addEventListener("dblclick", showWholeTime);
}
