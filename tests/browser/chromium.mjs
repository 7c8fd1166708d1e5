// A headless Chromium, spoken to over its DevTools protocol.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DRAWN, Wire, addressOf, end } from "./wire.mjs";

export const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const FLAGS = [
  "--headless=new",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  // As browsers do without a graphics card.
  "--disable-gpu-compositing",
  "--disable-accelerated-2d-canvas",
  "--enable-precise-memory-info",
  "--js-flags=--expose-gc",
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--hide-scrollbars",
  "--remote-debugging-port=0",
];
// What a key types, and its code.
const KEYS = { " ": "Space", ".": "Period", ",": "Comma", ArrowLeft: "ArrowLeft", "+": "Equal" };

export async function open(program) {
  const browser = new Browser();
  browser.folder = mkdtempSync(join(tmpdir(), "steepest-browser-"));
  browser.process = spawn(program, [...FLAGS, `--user-data-dir=${browser.folder}`, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const address = await addressOf(browser.process, /DevTools listening on (ws:\S+)/);
  browser.pages = new Map();
  browser.wire = await Wire.open(address, (message) => browser.pages.get(message.sessionId)?.hear(message));
  return browser;
}

class Browser {
  // A page in a tab of its own, with all it complains of and asks for.
  async page(url, { width = 1280, height = 800, scale = 1, mobile = false, theme = "dark", calm = false, forced = false } = {}) {
    const { targetId } = await this.wire.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.wire.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, targetId, sessionId);
    this.pages.set(sessionId, page);
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await page.send(`${domain}.enable`);
    await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: scale, mobile });
    if (mobile) await page.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 5 });
    const features = {
      "prefers-color-scheme": theme,
      "prefers-reduced-motion": calm ? "reduce" : "no-preference",
      "forced-colors": forced ? "active" : "none",
    };
    await page.send("Emulation.setEmulatedMedia", { features: Object.entries(features).map(([name, value]) => ({ name, value })) });
    const loaded = new Promise((resolve) => (page.loaded = resolve));
    await page.send("Page.navigate", { url });
    await loaded;
    return page;
  }

  // Bytes that the largest process of a page has in memory, where the system tells.
  async memory() {
    const { processInfo } = await this.wire.send("SystemInfo.getProcessInfo");
    const pages = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => `/proc/${id}/status`);
    const sizes = pages.filter(existsSync).map((file) => Number(readFileSync(file, "utf8").match(/VmRSS:\s*(\d+)/)?.[1] ?? 0));
    return 1024 * Math.max(0, ...sizes);
  }

  async close() {
    await end(this.process, () => this.wire.send("Browser.close"));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Page {
  constructor(browser, targetId, sessionId) {
    Object.assign(this, { browser, targetId, sessionId, complaints: [], requests: [] });
  }

  send(method, params) {
    return this.browser.wire.send(method, params, { sessionId: this.sessionId });
  }

  hear({ method, params }) {
    if (method === "Page.loadEventFired") this.loaded();
    if (method === "Runtime.exceptionThrown") {
      const { text, exception, lineNumber } = params.exceptionDetails;
      this.complaints.push(`${text} ${exception?.description ?? ""} (line ${lineNumber})`);
    }
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
      this.complaints.push(params.args.map((arg) => arg.value ?? arg.description).join(" "));
    }
    if (method === "Log.entryAdded" && params.entry.level === "error") this.complaints.push(params.entry.text);
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
  }

  // What an expression is in the page; a promise is waited for.
  async value(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  drawn() {
    return this.value(DRAWN);
  }

  // PNG as bytes.
  async picture({ whole = false, clip } = {}) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: whole, clip: clip && { ...clip, scale: 1 } });
    return Buffer.from(data, "base64");
  }

  async press(key) {
    const text = key.length === 1 ? key : undefined;
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, code: KEYS[key], text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: KEYS[key] });
    await this.drawn();
  }

  // Fingers go down at the first places, through the others, and up: a list of [x, y] a finger.
  async touch(...fingers) {
    const at = (k) => fingers.map((path, id) => ({ x: path[k][0], y: path[k][1], id }));
    await this.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) });
    for (let k = 1; k < fingers[0].length; k++) await this.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(k) });
    await this.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await this.drawn();
  }

  // PDF as bytes.
  async print() {
    const { data } = await this.send("Page.printToPDF", { printBackground: false });
    return Buffer.from(data, "base64");
  }

  // Bytes of what scripts hold, after what nobody holds any more is gone.
  async memory() {
    await this.value("gc()");
    return this.value("performance.memory.usedJSHeapSize");
  }

  close() {
    this.browser.pages.delete(this.sessionId);
    return this.browser.wire.send("Target.closeTarget", { targetId: this.targetId });
  }
}
