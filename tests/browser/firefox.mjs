// Firefox, spoken to over WebDriver BiDi. Without a window it has no WebGL, so it gets a display that nobody sees (Xvfb).

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DRAWN, Wire, addressOf, end, isOnPath } from "./wire.mjs";

export const PROGRAMS = ["firefox", "firefox-esr"];
const KEYS = { ArrowLeft: "\uE012" };

export async function open(program) {
  const browser = new Browser();
  Object.assign(browser, { program, windows: new Map(), isFlat: !isOnPath("Xvfb") });
  if (browser.isFlat) console.log("\nWithout Xvfb, Firefox draws without WebGL: pages are looked at flat\n");
  return browser;
}

class Browser {
  // What the reader prefers is a setting of a whole Firefox, so there is one for each.
  async window(theme, calm) {
    const key = `${theme} ${calm}`;
    if (!this.windows.has(key)) this.windows.set(key, await Window.open(this, theme, calm));
    return this.windows.get(key);
  }

  async page(url, { width = 1280, height = 800, scale = 1, theme = "dark", calm = false } = {}) {
    const window = await this.window(theme, calm);
    const { context } = await window.wire.send("browsingContext.create", { type: "tab" });
    const page = new Page(window, context);
    window.pages.set(context, page);
    await page.send("browsingContext.setViewport", { viewport: { width, height }, devicePixelRatio: scale });
    await page.send("browsingContext.navigate", { url, wait: "complete" });
    return page;
  }

  async close() {
    for (const window of this.windows.values()) await window.close();
  }
}

class Window {
  static async open({ program, isFlat }, theme, calm) {
    const window = new Window();
    // Each has a display of its own: what lies behind another window is not drawn.
    const where = isFlat ? { MOZ_HEADLESS: "1" } : { DISPLAY: await window.display(), MOZ_ENABLE_WAYLAND: "0" };
    window.folder = mkdtempSync(join(tmpdir(), "steepest-browser-"));
    const settings = {
      "webgl.force-enabled": true,
      "layout.css.prefers-color-scheme.content-override": theme === "dark" ? 0 : 1,
      "ui.prefersReducedMotion": calm ? 1 : 0,
      "datareporting.policy.dataSubmissionEnabled": false,
      "app.update.disabledForTesting": true,
    };
    const lines = Object.entries(settings).map(([name, value]) => `user_pref("${name}", ${value});\n`);
    writeFileSync(join(window.folder, "user.js"), lines.join(""));
    const env = { ...process.env, ...where, LIBGL_ALWAYS_SOFTWARE: "1" };
    window.process = spawn(program, ["--no-remote", "--profile", window.folder, "--remote-debugging-port=0"], { env, stdio: ["ignore", "ignore", "pipe"] });
    const address = await addressOf(window.process, /WebDriver BiDi listening on (ws:\S+)/);
    window.pages = new Map();
    window.wire = await Wire.open(`${address}/session`, (message) => window.hear(message));
    await window.wire.send("session.new", { capabilities: {} });
    await window.wire.send("session.subscribe", { events: ["log.entryAdded", "network.beforeRequestSent"] });
    return window;
  }

  async display() {
    this.screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1600x1200x24"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const number = await new Promise((resolve) => this.screen.stdio[3].once("data", resolve));
    return `:${String(number).trim()}`;
  }

  hear({ method, params }) {
    const page = this.pages.get(params?.context ?? params?.source?.context);
    if (!page) return;
    if (method === "log.entryAdded") {
      // Firefox itself warns of what is slow; only what the page says counts.
      const { level, type, text } = params;
      if (level === "error" || (level === "warn" && type === "console")) page.complaints.push(text);
    }
    if (method === "network.beforeRequestSent") page.requests.push(params.request.url);
  }

  async close() {
    await end(this.process, () => this.wire.send("browser.close"));
    this.screen?.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Page {
  constructor(window, context) {
    Object.assign(this, { window, context, complaints: [], requests: [] });
  }

  send(method, params) {
    return this.window.wire.send(method, { context: this.context, ...params });
  }

  // What an expression is in the page; a promise is waited for. It comes as JSON.
  async value(expression) {
    const { type, result, exceptionDetails } = await this.window.wire.send("script.evaluate", {
      expression: `(async () => JSON.stringify(await (${expression})))()`,
      target: { context: this.context },
      awaitPromise: true,
    });
    if (type === "exception") throw new Error(exceptionDetails.text);
    return result.value === undefined ? undefined : JSON.parse(result.value);
  }

  drawn() {
    return this.value(DRAWN);
  }

  // PNG as bytes.
  async picture({ whole = false, clip } = {}) {
    const { data } = await this.send("browsingContext.captureScreenshot", { origin: whole ? "document" : "viewport", clip: clip && { type: "box", ...clip } });
    return Buffer.from(data, "base64");
  }

  async press(key) {
    const value = KEYS[key] ?? key;
    await this.send("input.performActions", { actions: [{ type: "key", id: "keys", actions: [{ type: "keyDown", value }, { type: "keyUp", value }] }] });
    await this.drawn();
  }

  close() {
    this.window.pages.delete(this.context);
    return this.send("browsingContext.close");
  }
}
