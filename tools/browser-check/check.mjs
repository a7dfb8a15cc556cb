// Uses Swagger UI at /docs as a person does, in headless Chromium: reads the first steps, finds an operation, signs in
// with what the page suggests, and goes on with the token that the page took by itself. Fails when a step fails, when a
// request would leave the server, or when the page reports an error.
//
//   node check.mjs [--screenshot FILE]
//
// AUTOPASPOORT_URL is the address of a server with the demo garage (scripts/with-server.sh gives one), CHROMIUM the
// browser's program.

import { parseArgs, stripVTControlCharacters } from "node:util";
import { TIMEOUT_MS, expect, launch, server, step, watch } from "./browser.mjs";

const EMAIL = "balie@garage-devries.example";
// Where Swagger UI keeps a token, if it does.
const KEPT = "authorized";
const UNFOLD_ATTEMPTS = 3;

const { values: options } = parseArgs({ options: { screenshot: { type: "string" } } });
// Swagger UI warns of things of its own, which are no trouble.
const isMeant = (message) => message.type() === "warning";

// Opens the box of an operation, and waits for its form. Swagger UI resolves an operation when its box is opened, and now and
// then never shows the outcome: then a person closes the box and opens it again.
async function unfold(box) {
  const form = box.locator(".execute-wrapper, .try-out__btn").first();
  const control = box.locator(".opblock-summary-control");
  for (let attempt = 1; attempt < UNFOLD_ATTEMPTS; attempt++) {
    await control.click();
    try {
      return await form.waitFor({ timeout: TIMEOUT_MS / UNFOLD_ATTEMPTS });
    } catch {
      console.log(`  the form did not come at attempt ${attempt}: the box is closed and opened again`);
      await control.click();
    }
  }
  await control.click();
  await form.waitFor();
}

// Opens the box of an operation, and that of its tag around it, and makes its fields editable.
async function openOperation(page, tag, method, path) {
  const section = page.locator(".opblock-tag-section", { has: page.locator(`#operations-tag-${tag}`) });
  if (!(await section.getAttribute("class")).includes("is-open")) await page.locator(`#operations-tag-${tag}`).click();
  const box = page.locator(`.opblock-${method}`, { has: page.locator(`.opblock-summary-path[data-path$="${path}"]`) });
  await box.first().waitFor();
  const name = `${method.toUpperCase()} ${path}`;
  expect((await box.count()) === 1, `${name} is on the page once`);
  await unfold(box);
  // The page may be set up so that every operation can be tried at once.
  const tryOut = box.locator(".try-out__btn:not(.cancel):not(.reset)");
  if (await tryOut.count()) await tryOut.first().click();
  // One that everyone sends would give the second person the answer of the first, or an error.
  const key = box.locator('tr[data-param-name="Idempotency-Key"] input');
  if (await key.count()) expect((await key.inputValue()) === "", `${name} suggests no idempotency key`);
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

// The token that the page sends, by the command that it shows for the request.
async function tokenSent(box) {
  const command = await box.locator(".curl-command").first().textContent();
  return command.match(/Authorization: Bearer ([^'"]+)/)?.[1];
}

const isSignedIn = (page) => page.locator(".auth-wrapper button.authorize.locked").first();

async function open(page, path) {
  const response = await page.goto(server + path, { waitUntil: "load" });
  expect(response.status() === 200, `GET ${path} answers 200`);
  await page.locator(".swagger-ui .info .title").first().waitFor();
  step(`Swagger UI shows "${(await page.locator(".swagger-ui .info .title").first().innerText()).split("\n")[0]}"`);
  expect((await page.locator(".errors-wrapper").count()) === 0, "it finds no error in the document");
}

async function lookAround(page) {
  const steps = await page.locator(".first-steps").innerText();
  expect(steps.includes(EMAIL) && steps.includes("password"), "the first steps tell the demo logins");
  const tags = page.locator(".opblock-tag");
  const count = await tags.count();
  expect(count > 5 && (await page.locator(".opblock").count()) === 0, `its ${count} tags are closed`);
  await findOperations(page, count);
  const response = await page.request.get(new URL(await page.locator('.first-steps a[href="/changelog"]').getAttribute("href"), server).href);
  expect(response.ok() && (await response.text()).startsWith("# Changelog"), "the changelog is linked and there");
}

// Types into the filter, and waits until the page shows this many tags, and this many operations in them.
async function find(page, text, tags, operations) {
  await page.locator(".operation-filter-input").fill(text);
  const isShown = ([tags, operations]) =>
    document.querySelectorAll(".opblock-tag").length === tags && document.querySelectorAll(".opblock").length === operations;
  try {
    await page.waitForFunction(isShown, [tags, operations]);
  } catch {
    const found = [await page.locator(".opblock-tag").count(), await page.locator(".opblock").count()];
    throw new Error(`"${text}" finds ${found[1]} operations in ${found[0]} tags, and not ${operations} in ${tags}`);
  }
}

async function findOperations(page, count) {
  const document = await (await page.request.get(`${server}/v1/openapi.json`)).json();
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const all = operations.filter((operation) => operation.tags.includes("licence-plates"));
  await find(page, "LICENCE-plates", 1, all.length);
  step("the filter finds a tag, in capitals or not, and opens it");
  await find(page, "listCustody", 1, 1);
  await find(page, "CUSTODY get", 1, 1);
  const path = await page.locator(".opblock-summary-path").first().getAttribute("data-path");
  expect(path === "/passports/{id}/custody", "the filter finds an operation, by words in any order");
  await find(page, "no such thing", 0, 0);
  await find(page, "", count, 0);
  step("without a filter, the tags are closed again");
  const servers = await page.locator(".servers option").allInnerTexts();
  expect(servers.length === 1 && servers[0].startsWith("/v1 - This server"), "the server menu names this server");
}

// Signs in with what the page suggests, and goes on by its token.
async function signIn(page) {
  const login = await openOperation(page, "auth", "post", "/auth/login");
  expect((await login.getAttribute("id")) === "operations-auth-login", 'its tag is "auth" and its operationId "login"');
  const signedIn = await execute(login);
  expect(signedIn.status === 200, `signing in as the page suggests shows 200 (it is ${signedIn.status})`);
  await isSignedIn(page).waitFor();
  step("the page took the token by itself");
  const tokens = json(signedIn);
  const account = await openOperation(page, "account", "get", "/account");
  const shown = await execute(account);
  expect(shown.status === 200, `reading the account shows 200 (it is ${shown.status})`);
  expect(json(shown).email === EMAIL, `the account shown is that of ${EMAIL}`);
  expect((await tokenSent(account)) === tokens.accessToken, "the token sent is the one of signing in");
  return { account, tokens };
}

async function useThePage(page) {
  const { account, tokens } = await signIn(page);

  const passport = await openOperation(page, "passports", "get", "/passports/{id}");
  const car = await execute(passport);
  expect(car.status === 200, `the passport that the page suggests shows 200 (it is ${car.status})`);

  const refresh = await openOperation(page, "auth", "post", "/auth/refresh");
  await refresh.locator("textarea.body-param__text").fill(JSON.stringify({ refreshToken: tokens.refreshToken }));
  const next = json(await execute(refresh));
  expect(next.accessToken && next.accessToken !== tokens.accessToken, "refreshing shows another token");
  const again = await execute(account);
  expect(again.status === 200 && (await tokenSent(account)) === next.accessToken, "the page sends the new token from then on");

  await page.reload({ waitUntil: "load" });
  await isSignedIn(page).waitFor();
  step("with the demo garage, the page knows the token when it is loaded again");
}

// The same page, as a server without the demo garage sends it.
async function useThePageOfOthers(page) {
  await page.route("**/docs/", async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    if (!body.includes('data-demo="true"')) throw new Error("the page does not say that it is of the demo");
    await route.fulfill({ response, body: body.replace('data-demo="true"', 'data-demo="false"') });
  });
  await open(page, "/docs/");
  expect(await page.evaluate(() => document.body.dataset.demo) === "false", "the page is not of the demo");
  await signIn(page);
  const kept = await page.evaluate((name) => [localStorage.getItem(name), sessionStorage.getItem(name)], KEPT);
  expect(kept.every((value) => value === null), "without the demo garage, the browser keeps no token");
}

const browser = await launch();
let failed = false;
try {
  console.log(`Chromium ${browser.version()} on ${server}/docs`);
  const visits = [
    async (page) => {
      await open(page, "/docs");
      await lookAround(page);
      if (options.screenshot) await page.screenshot({ path: options.screenshot, fullPage: true });
      await useThePage(page);
    },
    useThePageOfOthers,
  ];
  for (const visit of visits) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } });
    const page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    const trouble = await watch(page, context, { isMeant });
    try {
      await visit(page);
    } catch (error) {
      trouble.unshift(stripVTControlCharacters(error.message));
      if (options.screenshot) await page.screenshot({ path: options.screenshot, fullPage: true });
    }
    for (const text of trouble) console.error(`  NOT ok  ${text}`);
    failed ||= trouble.length > 0;
    await context.close();
  }
} finally {
  await browser.close();
}
if (failed) process.exit(1);
step("no request left the server, and the page reported no error");
