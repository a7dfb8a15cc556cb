// Uses Swagger UI at /docs as a person does, in headless Chromium: signs in through the page, gives the token to it, and
// reads the account. Fails when a step fails, when a request would leave the server, or when the page reports an error.
//
//   node check.mjs [--screenshot FILE]
//
// AUTOPASPOORT_URL is the address of a server with the demo garage (scripts/with-server.sh gives one), CHROMIUM the
// browser's program.

import { chromium } from "playwright-core";
import { parseArgs, stripVTControlCharacters } from "node:util";

const EMAIL = "beheer@garage-devries.example";
const PASSWORD = "Welkom-bij-AutoPaspoort-2019";
const TIMEOUT_MS = 20_000;

const { values: options } = parseArgs({ options: { screenshot: { type: "string" } } });
const server = process.env.AUTOPASPOORT_URL;
const program = process.env.CHROMIUM;
if (!server || !program) {
  console.error("AUTOPASPOORT_URL and CHROMIUM must be set; scripts/check-browser.sh does.");
  process.exit(2);
}

const step = (text) => console.log(`  ok  ${text}`);

function expect(condition, text) {
  if (!condition) throw new Error(text);
  step(text);
}

// What must not happen at any moment, gathered as it happens.
function watch(page, context) {
  const trouble = [];
  const origin = new URL(server).origin;
  context.route("**/*", (route) => {
    const url = new URL(route.request().url());
    const inside = url.origin === origin || ["data:", "blob:"].includes(url.protocol);
    if (!inside) trouble.push(`a request left the server: ${url}`);
    return inside ? route.continue() : route.abort();
  });
  page.on("websocket", (socket) => trouble.push(`a socket was opened: ${socket.url()}`));
  page.on("pageerror", (error) => trouble.push(`the page threw: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(`console error: ${message.text()} (${message.location().url})`);
  });
  return trouble;
}

// Opens the box of an operation and makes its fields editable.
async function openOperation(page, method, path) {
  const box = page.locator(`.opblock-${method}`, { has: page.locator(`.opblock-summary-path[data-path$="${path}"]`) });
  await box.first().waitFor();
  const name = `${method.toUpperCase()} ${path}`;
  expect((await box.count()) === 1, `${name} is on the page once`);
  await box.locator(".opblock-summary-control").click();
  // The page may be set up so that every operation can be tried at once.
  const tryOut = box.locator(".try-out__btn:not(.cancel):not(.reset)");
  await box.locator(".execute-wrapper, .try-out__btn").first().waitFor();
  if (await tryOut.count()) await tryOut.first().click();
  // Offered on every POST; a fresh one makes the check repeatable.
  const key = box.locator('tr[data-param-name="Idempotency-Key"] input');
  if (await key.count()) await key.fill(crypto.randomUUID());
  step(`${name}: try it out`);
  return box;
}

// Presses Execute and reads what the page shows as the server's answer.
async function execute(box) {
  await box.locator("button.execute").click();
  const live = box.locator(".live-responses-table");
  await live.locator("tbody .response-col_status").first().waitFor();
  const status = parseInt(await live.locator("tbody .response-col_status").first().innerText(), 10);
  const body = await live.locator("tbody .response-col_description pre").first().textContent();
  return { status, body };
}

function json({ status, body }) {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error(`the page shows no JSON with status ${status}, but: ${body}`);
  }
}

async function useThePage(page) {
  const response = await page.goto(`${server}/docs`, { waitUntil: "load" });
  expect(response.status() === 200, "GET /docs answers 200");
  await page.locator(".swagger-ui .info .title").first().waitFor();
  step(`Swagger UI shows "${(await page.locator(".swagger-ui .info .title").first().innerText()).split("\n")[0]}"`);
  expect((await page.locator(".errors-wrapper").count()) === 0, "it finds no error in the document");

  const login = await openOperation(page, "post", "/auth/login");
  expect((await login.getAttribute("id")) === "operations-auth-login", 'its tag is "auth" and its operationId "login"');
  await login.locator("textarea.body-param__text").fill(JSON.stringify({ email: EMAIL, password: PASSWORD }));
  const signedIn = await execute(login);
  expect(signedIn.status === 200, `signing in as ${EMAIL} shows 200 (it is ${signedIn.status})`);
  const token = json(signedIn).accessToken;
  expect(typeof token === "string" && token.split(".").length === 3, "the answer shown holds an accessToken");

  await page.locator(".auth-wrapper button.authorize").first().click();
  const dialog = page.locator(".dialog-ux .modal-ux");
  await dialog.locator('input[type="text"], input[type="password"]').first().fill(token);
  await dialog.locator('button.authorize[type="submit"]').first().click();
  await dialog.locator("button", { hasText: "Logout" }).first().waitFor();
  await dialog.locator("button.btn-done").first().click();
  await dialog.waitFor({ state: "detached" });
  step("the page took the token");

  const account = await openOperation(page, "get", "/account");
  const shown = await execute(account);
  expect(shown.status === 200, `reading the account shows 200 (it is ${shown.status})`);
  expect(json(shown).email === EMAIL, `the account shown is that of ${EMAIL}`);
}

const browser = await chromium.launch({
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
let failed = false;
try {
  console.log(`Chromium ${browser.version()} on ${server}/docs`);
  const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const trouble = watch(page, context);
  try {
    await useThePage(page);
  } catch (error) {
    trouble.unshift(stripVTControlCharacters(error.message));
  }
  if (options.screenshot) await page.screenshot({ path: options.screenshot, fullPage: true });
  for (const text of trouble) console.error(`  NOT ok  ${text}`);
  failed = trouble.length > 0;
} finally {
  await browser.close();
}
if (failed) process.exit(1);
step("no request left the server, and the page reported no error");
