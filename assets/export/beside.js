// ---- Beside the stage ----

const flat = new Sheet($("flat").firstElementChild);
const square = new Sheet($("square").firstElementChild);
const plot = new Sheet($("plot").firstElementChild);
let rows = [];
// What a map's colours stand for.
const areas = [];

function buildLegend() {
  const legend = $("legend");
  for (const panel of panels) {
    if (panels.length > 1) legend.append(make("h3", { textContent: panel.title }));
    for (const descent of panel.descents) {
      const line = make("i");
      line.style.background = descent.dashed ? `repeating-linear-gradient(90deg, ${descent.color} 0 6px, transparent 6px 9px)` : descent.color;
      if (descent.dashed) line.className = "dashed";
      const words = make("span", { className: "state" });
      const loss = make("span", { className: "loss" });
      const row = make("button", { type: "button", title: `${descent.rule}, learning rate ${descent.rate}: show or hide` }, line, make("span", { className: "name", textContent: descent.name }), loss, words);
      row.onclick = () => {
        descent.shown = !descent.shown;
        fitSteps();
      };
      for (const kind of ["pointerenter", "focus"]) {
        on(row, kind, () => {
          panel.pointed = descent;
          touch();
        });
      }
      legend.append(row);
      rows.push({ row, descent, state: words, loss });
    }
    const { map } = panel;
    if (!map) continue;
    legend.append(make("h3", { textContent: "Where runs settle" }));
    const kinds = [map, ...(panel.moments?.list ?? []).map((moment) => moment.words ?? map)].map(({ legend: all }) => all.length);
    for (let k = 0; k < max(...kinds); k++) {
      const row = make("div", { className: "area" }, make("i"), make("span"), make("span"));
      areas.push([map, k, row]);
      legend.append(row);
    }
    legend.append(make("p", { textContent: map.about }));
  }
}

function drawBeside() {
  const { theme } = state;
  const view = views[state.active];
  const { panel } = view;
  const position = timeline.position;
  $("beside").textContent = panels.length > 1 ? panel.title : "";
  const size = flat.begin();
  const common = { ...size, theme, position };
  if (panel.map && !panel.map.onSurface) flatFrame = drawOwnMap(flat.pen, panel.map, common);
  else if (panel.isCurve) flatFrame = drawCurve(flat.pen, panel, common);
  else flatFrame = drawMap(flat.pen, panel, { ...common, picture: view.picture(size.width, size.height) });
  $("square").hidden = !panel.network;
  const said = panel.network?.draw(square.pen, { ...square.begin(), theme, position });
  label(square.canvas, "The network on its samples" + (said ? ": " + said : ""));
  const place = plot.begin();
  if (!view.plot.isEmpty) view.plot.draw(plot.pen, { ...place, theme, position });
  $("plot").hidden = view.plot.isEmpty;
  $("log").hidden = !view.plot.canBeLog;
  $("log").setAttribute("aria-pressed", view.plot.log);
  for (const [map, k, row] of areas) {
    const entry = map.legend[k];
    row.hidden = !entry;
    const [swatch, name, about] = row.children;
    if (!entry) continue;
    swatch.style.background = entry.color;
    write(name, entry.name);
    write(about, entry.about);
  }
  for (const { row, descent, state: words, loss } of rows) {
    const text = descent.stateAt(position);
    write(words, text);
    // What has run away is not worth its digits.
    const gone = descent.isOver(position) && /^(diverged|undefined)$/.test(descent.status);
    write(loss, descent.count && !gone ? numberText(descent.lossAt(position), 6) : "");
    if (row.ariaPressed !== String(descent.shown)) row.setAttribute("aria-pressed", descent.shown);
  }
}

// Text is set where it differs: playback makes nothing anew.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let flatFrame = null;
const flatCanvas = flat.canvas;
const pointAtMap = (event) => {
  const box = flatCanvas.getBoundingClientRect();
  const { panel } = views[state.active];
  const at = flatFrame && inFrame(flatFrame, event.clientX - box.left, event.clientY - box.top);
  showTip(event, at && !(panel.map && !panel.map.onSurface) ? placeWords(panel, at) : null);
};
on(flatCanvas, "pointerdown", pointAtMap);
on(flatCanvas, "pointermove", pointAtMap);
on(flatCanvas, "pointerleave", leave);

const plotCanvas = plot.canvas;
const stepUnder = (event) => {
  const box = plotCanvas.getBoundingClientRect();
  const frame = plotFrame(box);
  return clamp(((event.clientX - box.left - frame.x) / frame.width) * data.lastStep, 0, data.lastStep);
};
on(plotCanvas, "pointerdown", (event) => {
  plotCanvas.setPointerCapture(event.pointerId);
  pause();
  seek(round(stepUnder(event)));
});
on(plotCanvas, "pointermove", (event) => {
  const step = round(stepUnder(event));
  if (event.buttons) seek(step);
  const lines = views[state.active].panel.shown.filter((descent) => descent.count);
  const values = lines.map((descent) => `${descent.name}: ${numberText(descent.lossAt(step), 6)}`);
  showTip(event, [`step ${step}`, ...values.slice(0, 12)].join("\n"));
});
on(plotCanvas, "pointerleave", leave);
$("log").onclick = () => {
  const { plot: shown } = views[state.active];
  shown.log = !shown.log;
  touch();
};
