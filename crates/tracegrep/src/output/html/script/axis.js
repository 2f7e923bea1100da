// The axis of time and its grid.

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
