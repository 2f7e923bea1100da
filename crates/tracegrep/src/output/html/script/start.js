// Connects the elements, and draws the page for the first time.

function connect() {
  byId("text").addEventListener("input", (event) => {
    filterByText(event.target.value);
    update();
  });
  byId("level").addEventListener("change", (event) => {
    filter.level = event.target.value;
    update();
  });
  const onClick = {
    "copy-id": (event) => copy(data.trace_id, event.target),
    "previous-error": () => jumpToError(-1),
    "next-error": () => jumpToError(1),
    "zoom-in": () => zoom(0.5),
    "zoom-out": () => zoom(2),
    "zoom-whole": showWholeTime,
    "show-help": showHelp,
    "show-whole": () => focusOn(null),
  };
  for (const [id, run] of Object.entries(onClick)) byId(id).addEventListener("click", run);
  document.addEventListener("keydown", onKey);
  byId("list").addEventListener("scroll", drawRows, { passive: true });
  byId("list").addEventListener("wheel", onWheel, { passive: false });
  byId("overview").addEventListener("wheel", onWheel, { passive: false });
  chooseByDragging(byId("axis"), time);
  chooseByDragging(byId("overview"), whole);
  connectDivider();
  window.addEventListener("hashchange", applyAddress);
  new ResizeObserver(redraw).observe(byId("list"));
  new ResizeObserver(drawOverview).observe(byId("overview"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawOverview);
}

// With ctrl, which a pinch on a touchpad sets too, the wheel zooms around the pointer. To the side it moves the shown time.
function onWheel(event) {
  const { left, width } = byId(event.currentTarget === byId("list") ? "axis" : "overview").getBoundingClientRect();
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    zoom(Math.exp(Math.min(Math.max(event.deltaY, -50), 50) / 100), Math.min(Math.max((event.clientX - left) / width, 0), 1));
  } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
    event.preventDefault();
    pan((event.deltaX || event.deltaY) / width);
  }
}

// Moves the border between the names and the bars.
function connectDivider() {
  const divider = byId("divider");
  const waterfall = byId("waterfall");
  let part = 0.55;
  const place = (wanted) => {
    part = Math.min(Math.max(wanted, 0.15), 0.85);
    waterfall.style.setProperty("--names", part);
    redraw();
  };
  divider.addEventListener("pointerdown", (event) => divider.setPointerCapture(event.pointerId));
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const { left, width } = byId("columns").getBoundingClientRect();
    place((event.clientX - left) / width);
  });
  divider.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") place(part - 0.02);
    if (event.key === "ArrowRight") place(part + 0.02);
  });
}

fillHeading();
fillHelp();
connect();
byId("app").hidden = false;
applyAddress();
byId("list").focus();
