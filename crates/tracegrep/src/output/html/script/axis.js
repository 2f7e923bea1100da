// The axis of time and its grid.

const PIXELS_PER_TICK = 110;
const UNITS = [["s", 1e9], ["ms", 1e6], ["µs", 1e3], ["ns", 1]];
const [SECOND, MINUTE, HOUR] = [1e9, 60e9, 3600e9];
// Steps above a second, of which whole ones make a minute, an hour and a day.
const LONG_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 4, 6, 12].map((count) => count * HOUR),
];

// The distance of ticks: 1, 2 or 5 times a power of 10 below a second, and of the largest of the long steps.
function tickStep(length, most) {
  const least = length / Math.max(most, 1);
  const long = least > SECOND / 2 ? LONG_STEPS.find((step) => step >= least) : undefined;
  if (long !== undefined) return long;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

function tickText(at, step, largest) {
  if (largest >= MINUTE) return longTickText(at, step);
  const [unit, size] = UNITS.find(([, size]) => largest >= size) ?? ["ns", 1];
  const decimals = Math.min(Math.max(-Math.floor(Math.log10(step / size) + 1e-9), 0), 9);
  return (at / size).toFixed(decimals) + unit;
}

// Hours, minutes and seconds as in the rows, without those that are 0 at each tick: `1h05m`, `17m30s`.
function longTickText(at, step) {
  const decimals = Math.min(Math.max(-Math.floor(Math.log10(step / SECOND) + 1e-9), 0), 9);
  // Rounded first, so that seconds are never 60.
  const scale = 10 ** decimals;
  const rounded = Math.round((at / SECOND) * scale);
  const minutes = Math.floor(rounded / (60 * scale));
  const hours = Math.floor(minutes / 60);
  const seconds = ((rounded - minutes * 60 * scale) / scale).toFixed(decimals);
  const parts = [];
  if (hours > 0) parts.push([String(hours), "h"]);
  if (minutes > 0 && (hours === 0 || step < HOUR)) parts.push([String(minutes % 60), "m"]);
  if (minutes === 0 || step < MINUTE) parts.push([seconds, "s"]);
  const padded = (text) => text.padStart(text.includes(".") ? decimals + 3 : 2, "0");
  return parts.map(([text, unit], index) => (index > 0 ? padded(text) : text) + unit).join("");
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
