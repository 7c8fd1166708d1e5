// What both protocols need: a browser's process, and commands over a socket. Node alone; Node 20 needs --experimental-websocket.

import { existsSync } from "node:fs";
import { join } from "node:path";

export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function isOnPath(name) {
  return process.env.PATH.split(":").some((folder) => existsSync(join(folder, name)));
}

// The address that a browser says once it listens.
export function addressOf(process, pattern) {
  return new Promise((resolve, reject) => {
    let said = "";
    process.stderr.on("data", (text) => {
      said += text;
      const found = said.match(pattern);
      if (found) resolve(found[1]);
    });
    process.on("exit", () => reject(new Error(`the browser ended: ${said}`)));
  });
}

// Commands with numbers over a socket, and what comes without being asked for.
export class Wire {
  static async open(address, hear) {
    const wire = new Wire();
    Object.assign(wire, { socket: new WebSocket(address), waiting: new Map(), next: 1 });
    await new Promise((resolve, reject) => {
      wire.socket.addEventListener("open", resolve);
      wire.socket.addEventListener("error", () => reject(new Error(`nobody listens at ${address}`)));
    });
    wire.socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      const waiting = wire.waiting.get(message.id);
      wire.waiting.delete(message.id);
      if (!waiting) hear(message);
      else if (message.error) waiting.reject(new Error(message.error.message ?? `${message.error}: ${message.message}`));
      else waiting.resolve(message.result);
    });
    return wire;
  }

  send(method, params = {}, more = {}) {
    const id = this.next++;
    this.socket.send(JSON.stringify({ id, method, params, ...more }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }
}

// Two frames later everything that was asked for is drawn.
export const DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";

// Ends a browser, softly first.
export async function end(process, ask) {
  process.removeAllListeners("exit");
  const ended = new Promise((resolve) => process.once("exit", resolve));
  ask().catch(() => {});
  await Promise.race([ended, wait(3000)]);
  process.kill("SIGKILL");
  await wait(200);
}
