// What the checks in a browser have in common: the browser, and what must not happen in it.

import { chromium } from "playwright-core";

export const TIMEOUT_MS = 20_000;

export const server = process.env.AUTOPASPOORT_URL;
const program = process.env.CHROMIUM;
if (!program) {
  console.error("CHROMIUM must be set; scripts/check-browser.sh does.");
  process.exit(2);
}

export const step = (text) => console.log(`  ok  ${text}`);

export function expect(condition, text) {
  if (!condition) throw new Error(text);
  step(text);
}

// Starts the browser without a window.
export function launch() {
  return chromium.launch({
    executablePath: program,
    headless: true,
    args: [
      "--no-sandbox", // root in a container has none; the page is our own
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

// What must not happen at any moment, gathered as it happens. `isMeant` says which errors in the console are no trouble.
export async function watch(page, context, { isMeant = () => false } = {}) {
  if (!server) throw new Error("AUTOPASPOORT_URL must be set; scripts/with-server.sh does.");
  const trouble = [];
  const origin = new URL(server).origin;
  await context.route("**/*", (route) => {
    const url = new URL(route.request().url());
    const inside = url.origin === origin || ["data:", "blob:"].includes(url.protocol);
    if (!inside) trouble.push(`a request left the server: ${url}`);
    return inside ? route.continue() : route.abort();
  });
  page.on("websocket", (socket) => trouble.push(`a socket was opened: ${socket.url()}`));
  page.on("pageerror", (error) => trouble.push(`the page threw: ${error.message}`));
  page.on("console", (message) => {
    const isTrouble = ["error", "warning"].includes(message.type()) && !isMeant(message);
    if (isTrouble) trouble.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  return trouble;
}
