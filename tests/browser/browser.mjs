// A headless Chromium, spoken to over its DevTools protocol: Node alone, no packages.
// Node 20 needs --experimental-websocket.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const FLAGS = [
  "--headless=new",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  // As browsers do without a graphics card.
  "--disable-gpu-compositing",
  "--disable-accelerated-2d-canvas",
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--hide-scrollbars",
  "--remote-debugging-port=0",
];

export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const onPath = (name) => process.env.PATH.split(":").some((folder) => existsSync(join(folder, name)));

export class Browser {
  static async open(flags = []) {
    const program = process.env.CHROMIUM || PROGRAMS.find(onPath);
    if (!program) throw new Error(`no browser: none of ${PROGRAMS.join(", ")} is on the PATH`);
    const browser = new Browser();
    browser.folder = mkdtempSync(join(tmpdir(), "steepest-browser-"));
    browser.process = spawn(program, [...FLAGS, ...flags, `--user-data-dir=${browser.folder}`, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
    const address = await new Promise((resolve, reject) => {
      let said = "";
      browser.process.stderr.on("data", (text) => {
        said += text;
        const found = said.match(/DevTools listening on (ws:\S+)/);
        if (found) resolve(found[1]);
      });
      browser.process.on("exit", () => reject(new Error(`the browser ended: ${said}`)));
    });
    browser.socket = new WebSocket(address);
    await new Promise((resolve) => browser.socket.addEventListener("open", resolve));
    browser.waiting = new Map();
    browser.listeners = new Map();
    browser.next = 1;
    browser.socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      const waiting = browser.waiting.get(message.id);
      if (waiting) {
        browser.waiting.delete(message.id);
        if (message.error) waiting.reject(new Error(message.error.message));
        else waiting.resolve(message.result);
      } else browser.listeners.get(message.sessionId)?.(message);
    });
    return browser;
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.next++;
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  // A page in a tab of its own, with all it complains of and asks for.
  async page(url, { width = 1280, height = 800, scale = 1, mobile = false, theme = "dark", calm = false } = {}) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, targetId, sessionId);
    this.listeners.set(sessionId, (message) => page.hear(message));
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await page.send(`${domain}.enable`);
    await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: scale, mobile });
    if (mobile) await page.send("Emulation.setTouchEmulationEnabled", { enabled: true });
    await page.send("Emulation.setEmulatedMedia", {
      features: [
        { name: "prefers-color-scheme", value: theme },
        { name: "prefers-reduced-motion", value: calm ? "reduce" : "no-preference" },
      ],
    });
    const loaded = new Promise((resolve) => (page.loaded = resolve));
    await page.send("Page.navigate", { url });
    await loaded;
    return page;
  }

  async close() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.removeAllListeners("exit");
    this.process.once("exit", () => {});
    this.send("Browser.close").catch(() => {});
    await Promise.race([ended, wait(3000)]);
    this.process.kill("SIGKILL");
    this.socket.close();
    await wait(200);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Page {
  constructor(browser, targetId, sessionId) {
    Object.assign(this, { browser, targetId, sessionId, complaints: [], requests: [] });
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
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

  // Two frames later everything that was asked for is drawn.
  drawn() {
    return this.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
  }

  // PNG as bytes.
  async picture(whole = false) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: whole });
    return Buffer.from(data, "base64");
  }

  close() {
    this.browser.listeners.delete(this.sessionId);
    return this.browser.send("Target.closeTarget", { targetId: this.targetId });
  }
}
