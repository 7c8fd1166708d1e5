// ---- The stage ----

// A canvas that is as large as its place, in pixels of the screen.
class Sheet {
  constructor(canvas) {
    this.canvas = canvas;
    // Where the browser draws on the processor, it had better do so itself.
    this.pen = canvas.getContext("2d", { willReadFrequently: Boolean(gpu?.isSlow) });
  }

  // Its size in pixels of the page; the pen draws in these.
  begin() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.scale = min(window.devicePixelRatio || 1, 3);
    const [w, h] = [width, height].map((side) => round(side * this.scale));
    if (this.canvas.width !== w || this.canvas.height !== h) [this.canvas.width, this.canvas.height] = [w, h];
    this.pen.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    this.pen.clearRect(0, 0, width, height);
    return { width, height };
  }
}

class View {
  constructor(panel, index) {
    this.panel = panel;
    this.index = index;
    this.isFlat = panel.flat || (!gpu && !panel.isCurve);
    this.renew();
    this.pictures = new Map();
    for (const picture of [...(panel.map?.pictures ?? []), ...(panel.moments?.pictures ?? [])]) {
      picture.image = new Image();
      picture.image.onload = () => {
        panel.version += 1;
        touch();
      };
      picture.image.src = picture.picture;
    }
    this.plot = new LossPlot(panel);
    this.canvas = make("canvas", { tabIndex: 0 });
    this.canvas.setAttribute("role", this.scene ? "application" : "img");
    label(this.canvas, `${panel.title}: ${this.scene ? "landscape; arrow keys turn it, plus and minus zoom" : "contour map"}`);
    this.sheet = new Sheet(this.canvas);
    const caption = make("figcaption", {}, make("b", { textContent: panels.length > 1 || panel.title !== data.title ? panel.title : "" }));
    if (panel.explained) {
      const share = panel.explained.map((part) => `${(100 * part).toFixed(0)} %`);
      caption.append(make("span", { textContent: `the plane holds ${share.join(" + ")} of the paths' spread` }));
    }
    const place = make("div", { className: "view" }, this.canvas);
    if (!gpu && !panel.flat) caption.append(make("span", { textContent: "Without WebGL, which this browser does not offer, it is drawn flat." }));
    this.figure = make("figure", { className: this.isFlat ? "panel flat" : "panel" }, caption, place);
    $("stage").append(this.figure);
    this.isVisible = true;
    new IntersectionObserver((entries) => {
      this.isVisible = entries.pop().isIntersecting;
      touch();
    }).observe(this.canvas);
    this.listen();
  }

  // What is uploaded for it, with the drawing context of now.
  renew() {
    this.scene = gpu && !this.panel.flat ? new Scene(gpu, this.panel, colors) : null;
  }

  // The contour map's pixels for a space of this size, drawn once.
  picture(width, height) {
    const frame = mapFrame(this.panel, width, height);
    const { moments, version } = this.panel;
    const scale = moments && state.isMoving ? 1 : min(window.devicePixelRatio || 1, 2);
    const key = [frame.width, frame.height, scale, version].map(round).join();
    if (!this.pictures.has(key)) {
      if (this.pictures.size > 3) this.pictures.clear();
      this.pictures.set(key, mapPicture(this.panel, colors, frame.width, frame.height, scale));
    }
    return this.pictures.get(key);
  }

  draw() {
    if (!this.isVisible && !state.isPrinting) return;
    const { theme } = state;
    const { width, height } = this.sheet.begin();
    if (width < 20 || height < 20) return;
    const { pen } = this.sheet;
    const position = timeline.position;
    if (!this.scene) {
      const common = { width, height, theme, position };
      if (this.panel.isCurve) this.frame = drawCurve(pen, this.panel, common);
      else this.frame = drawMap(pen, this.panel, { ...common, picture: this.picture(width, height) });
      return;
    }
    const camera = new Camera(pose, this.panel.size, width, height);
    this.camera = camera;
    const [stage, place] = [$("stage"), this.canvas].map((element) => element.getBoundingClientRect());
    const area = [place.left - stage.left, place.top - stage.top, width, height].map((side) => round(side * state.scale));
    this.scene.draw({ area, camera, position, theme, scale: state.scale, opacity: data.opacity });
    // The canvas of WebGL keeps nothing for paper: there the scene lies below its words.
    if (state.isPrinting) pen.drawImage(gpu.canvas, ...area, 0, 0, width, height);
    drawWords(pen, this.panel, camera, theme);
    this.drawMarks(pen, camera, theme, position);
  }

  drawMarks(pen, camera, theme, position) {
    const { panel, scene } = this;
    const { look } = data;
    const at = (s, t, height, draw) => {
      const place = camera.project(panel.world(s, t, height));
      if (!place) return;
      pen.globalAlpha = scene.isSeen(camera, s, t, height) ? 1 : look.hidden;
      draw(place);
      pen.globalAlpha = 1;
    };
    for (const mark of panel.marks) {
      if (!mark.rank || mark.height < -0.001 || mark.height > 1.001) continue;
      const [s, t] = panel.fractions(mark.at[0], mark.at[1] ?? 0);
      at(s, panel.isCurve ? 0 : t, mark.height, (place) => drawMark(pen, mark.rank, place, theme, fineness(camera)));
    }
    for (const descent of panel.shown) {
      const { points, steps, exit } = descent.path;
      const [s, t, height] = [0, 1, 2].map((k) => points[k] / 65535);
      if (steps[0] === 0) at(s, t, height, (place) => drawShape(pen, "ring", place, look.start * fineness(camera), descent.color, theme));
      if (exit && position >= exit.step) at(...exit.place, (place) => drawShape(pen, "diamond", place, look.start * fineness(camera), descent.color, theme));
    }
    for (const descent of panel.shown) {
      const ball = descent.ballAt(position);
      if (!ball) continue;
      const shape = endShape(descent, position);
      const radius = (shape === "ball" ? look.ball : look.end) * fineness(camera);
      at(ball.s, ball.t, ball.height, ([x, y]) => drawShape(pen, shape, [x, shape === "ball" ? y - radius + 0.5 : y], radius, descent.color, theme));
    }
  }

  listen() {
    const { canvas } = this;
    const pointers = new Map();
    let spread = 0;
    const activate = () => {
      if (state.active !== this.index) {
        state.active = this.index;
        touch();
      }
    };
    on(canvas, "focus", activate);
    on(canvas, "pointerdown", (event) => {
      activate();
      canvas.focus({ preventScroll: true });
      pointers.set(event.pointerId, event);
      canvas.setPointerCapture(event.pointerId);
      spread = 0;
      tapped = pointers.size > 1 ? null : event;
      hideTip();
    });
    let tapped = null;
    const release = (event) => {
      pointers.delete(event.pointerId);
      spread = 0;
    };
    on(canvas, "pointerup", (event) => {
      if (event.pointerType === "touch" && tapped && hypot(event.clientX - tapped.clientX, event.clientY - tapped.clientY) < 8) this.hover(event);
    });
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) on(canvas, kind, release);
    on(canvas, "pointerleave", leave);
    on(canvas, "pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) {
        if (event.pointerType === "mouse") activate();
        this.hover(event);
        return;
      }
      pointers.set(event.pointerId, event);
      if (!this.scene) return;
      take();
      if (pointers.size > 1) {
        const [a, b] = [...pointers.values()];
        const now = hypot(a.clientX - b.clientX, a.clientY - b.clientY);
        if (spread > 0 && now > 0) pose.zoom(spread / now);
        spread = now;
      }
      const share = 1 / pointers.size;
      pose.orbit(-(event.clientX - before.clientX) * 0.008 * share, (event.clientY - before.clientY) * 0.008 * share);
      move();
    });
    on(canvas, "wheel", (event) => {
      // A page that is scrolled past must not get stuck here: until it is clicked, scrolling goes on.
      if (!this.scene || !(event.ctrlKey || document.activeElement === canvas)) return;
      event.preventDefault();
      take();
      pose.zoom(exp(clamp(event.deltaY * (event.deltaMode ? 30 : 1), -200, 200) * 0.0012));
      move();
    }, { passive: false });
    on(canvas, "dblclick", resetView);
    on(canvas, "keydown", (event) => {
      const turns = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.08], ArrowDown: [0, -0.08] };
      if (!this.scene || event.ctrlKey || event.metaKey || event.altKey) return;
      if (turns[event.key]) pose.orbit(...turns[event.key]);
      else if (event.key === "+" || event.key === "=") pose.zoom(0.9);
      else if (event.key === "-") pose.zoom(1.1);
      else return;
      take();
      event.preventDefault();
      touch();
    });
  }

  hover(event) {
    const { panel } = this;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let at = null;
    let near = null;
    if (this.scene && this.camera) {
      at = this.scene.pick(this.camera, x, y);
      near = this.nearest(x, y);
    } else if (this.frame) at = inFrame(this.frame, x, y);
    showTip(event, near || (at && placeWords(panel, at)));
  }

  // The iterate of a path that lies nearest to a pixel.
  nearest(x, y) {
    let best = [9, null];
    for (const descent of this.panel.shown) {
      const { points, steps } = descent.path;
      for (let k = 0; k < steps.length && steps[k] <= timeline.position; k++) {
        if (!isInteger(steps[k])) continue;
        const place = this.camera.project(this.scene.fromPath(points, k));
        const away = place ? hypot(place[0] - x, place[1] - y) : Infinity;
        if (away < best[0]) best = [away, `${descent.name}, step ${steps[k]}\nloss ${numberText(descent.lossAt(steps[k]), 6)}`];
      }
    }
    return best[1];
  }
}
