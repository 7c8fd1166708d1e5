// The browsers that are installed, one file a protocol. Each opens pages, and a page has:
//   value(expression), drawn(), picture({ whole, clip }), press(key), complaints, requests, close()
// What only one protocol offers (touch, print, memory) is a method that the other lacks.

import * as chromium from "./chromium.mjs";
import * as firefox from "./firefox.mjs";
import { isOnPath } from "./wire.mjs";

const KINDS = { chromium, firefox };

// BROWSER chooses one; what is not there is said, and left out.
export function installed() {
  const wanted = process.env.BROWSER;
  if (wanted && !KINDS[wanted]) throw new Error(`BROWSER is one of ${Object.keys(KINDS).join(", ")}, not ${wanted}`);
  const found = [];
  for (const [name, { PROGRAMS, open }] of Object.entries(KINDS)) {
    if (wanted && name !== wanted) continue;
    const program = process.env[name.toUpperCase()] || PROGRAMS.find(isOnPath);
    if (program) found.push({ name, open: () => open(program) });
    else console.log(`\nSKIPPED: ${name} is not installed (none of ${PROGRAMS.join(", ")} is on the PATH)\n`);
  }
  if (!found.length) throw new Error("no browser to look at pages with");
  return found;
}
