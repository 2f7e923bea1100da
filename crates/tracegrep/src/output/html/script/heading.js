// What is above the waterfall: facts about the trace, and the choice of services.

function counted(count, name) {
  return count === 1 ? `1 ${name}` : `${grouped(count)} ${name}s`;
}

// With a comma between each three digits.
function grouped(count) {
  return count.toLocaleString("en-US");
}

function fillHeading() {
  byId("trace-id").textContent = data.trace_id;
  const facts = [
    [data.start?.replace("T", " ").replace("Z", " UTC")],
    [data.duration, "strong"],
    [data.errors > 0 ? counted(data.errors, "error") : undefined, "failed"],
    [counted(data.spans, "span")],
    [counted(data.lines, "line")],
    [counted(data.services.length, "service")],
  ];
  for (const [text, className] of facts) {
    if (text) byId("facts").append(element("li", className, text));
  }
  fillNotes();
  fillServices();
  const errors = rows.filter((row) => row.isError).length;
  byId("errors").hidden = errors === 0;
}

function fillNotes() {
  const [first, ...others] = data.notes;
  if (first === undefined) return;
  const notes = byId("notes");
  notes.hidden = false;
  notes.classList.toggle("incomplete", data.is_incomplete === true);
  const summary = notes.querySelector("summary");
  summary.append(element("span", "first", first));
  if (others.length > 0) summary.append(element("span", "more", `and ${counted(others.length, "note")}`));
  notes.querySelector("ul").append(...data.notes.map((note) => element("li", "", note)));
}

function fillServices() {
  for (const name of data.services) {
    const chip = button("chip " + colorClass(name), rowText(name), () => {
      const { hiddenServices } = filter;
      const isHidden = hiddenServices.delete(name);
      if (!isHidden) hiddenServices.add(name);
      chip.setAttribute("aria-pressed", isHidden);
      update();
    });
    chip.setAttribute("aria-pressed", "true");
    chip.title = "Show or hide this service";
    byId("services").append(chip);
  }
}

function describeCounts() {
  const part = (some, all, name) => (some === all ? counted(all, name) : `${grouped(some)} of ${counted(all, name)}`);
  const texts = [part(counts.spans, counts.allSpans, "span"), part(counts.lines, counts.allLines, "line")];
  const unknown = unknownSpan === null ? "" : `No span ${rowText(beginningOf(unknownSpan, 40))}, so the whole trace is shown: `;
  byId("status").textContent = unknown + texts.join(", ");
  // There may be less room than that needs.
  byId("status").title = byId("status").textContent;
}

function describeFocus() {
  const bar = byId("focus");
  bar.hidden = focused === null;
  if (focused) bar.querySelector("span").textContent = "Only " + rowText(spanName(focused.span));
}
