// The time that the bars show, in nanoseconds since the start of the trace.

// No bar is shorter than a part of this size of what can be shown.
const MAX_ZOOM = 1e6;

const whole = { from: 0, to: Math.max(data.length ?? 0, 1) };
const time = { from: whole.from, to: whole.to };

function setTime(from, to) {
  const all = whole.to - whole.from;
  const length = Math.min(Math.max(to - from, all / MAX_ZOOM, Math.min(all, 100)), all);
  const middle = (from + to) / 2;
  time.from = Math.min(Math.max(middle - length / 2, whole.from), whole.to - length);
  time.to = time.from + length;
  redraw();
}

function showWholeTime() {
  setTime(whole.from, whole.to);
}

// Zooms around a place of the axis, from 0 to 1.
function zoom(factor, place = 0.5) {
  const length = time.to - time.from;
  const fixed = time.from + length * place;
  const from = fixed - length * factor * place;
  setTime(from, from + length * factor);
}

function pan(part) {
  const by = (time.to - time.from) * part;
  setTime(time.from + by, time.to + by);
}

// Limits what can be shown to a span, or to nothing.
function setWholeTime(span) {
  const hasTimes = span?.from !== undefined && span.to > span.from;
  whole.from = hasTimes ? span.from : 0;
  whole.to = hasTimes ? span.to : Math.max(data.length ?? 0, 1);
  time.from = whole.from;
  time.to = whole.to;
}

// Where a time is on the axis, in percent. Places far outside are not told apart.
function percent(at) {
  const place = ((at - time.from) / (time.to - time.from)) * 100;
  return Math.min(Math.max(place, -10), 110);
}

// Moves the shown time so that it has this span or line.
function showTimeOf(row) {
  const from = row.span ? row.span.from : row.line.at;
  const to = row.span ? row.span.to : row.line.at;
  if (from === undefined || (to >= time.from && from <= time.to)) return;
  const length = time.to - time.from;
  setTime(from - length / 2, from + length / 2);
}
