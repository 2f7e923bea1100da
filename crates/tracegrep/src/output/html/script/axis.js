// The axis of time, its grid, and the overview above it, in all of which a time can be chosen by dragging.

const PIXELS_PER_TICK = 110;
const UNITS = [["s", 1e9], ["ms", 1e6], ["µs", 1e3], ["ns", 1]];

// The distance of ticks: 1, 2 or 5 times a power of 10.
function tickStep(length, most) {
  const least = length / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

function tickText(at, step, largest) {
  const [unit, size] = UNITS.find(([, size]) => largest >= size) ?? ["ns", 1];
  const decimals = Math.min(Math.max(-Math.floor(Math.log10(step / size) + 1e-9), 0), 9);
  return (at / size).toFixed(decimals) + unit;
}

function drawAxis() {
  const axis = byId("axis");
  const ticks = [];
  const lines = [];
  if (data.length !== undefined) {
    const length = time.to - time.from;
    const step = tickStep(length, axis.clientWidth / PIXELS_PER_TICK);
    for (let at = Math.ceil(time.from / step) * step; at <= time.to; at += step) {
      const place = percent(at);
      const tick = element("span", place > 92 ? "tick last" : "tick", tickText(at, step, time.to));
      tick.style.left = place + "%";
      ticks.push(tick);
      const line = element("span", "gridline");
      line.style.left = place + "%";
      lines.push(line);
    }
  }
  axis.replaceChildren(...ticks);
  byId("grid").replaceChildren(...lines);
}

// A bar of a pixel or more for each span, and a mark for each error. Colors are those of the style.
function drawMinimap() {
  const box = byId("minimap");
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
  context.fillStyle = color("--error");
  for (const row of within.filter((row) => row.isError)) {
    const at = row.span ? row.span.to : row.line.at;
    if (at !== undefined) context.fillRect(Math.min(place(at), canvas.width - 2 * scale), 0, 2 * scale, canvas.height);
  }
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
