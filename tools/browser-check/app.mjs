// Uses the pages at /app, and the one at /unsubscribe on which people leave off, as people do who got a mail, on a phone of
// 320 px, in headless Chromium: from the link in the mail to what they wanted, in Dutch and in English. Fails when a step fails,
// when something is wider than the phone, when an input or a button has no name, when a request would leave the server or has
// a token in its address, and when the page reports an error, such as one of its Content-Security-Policy.
//
//   node app.mjs [--screenshots FOLDER]
//
//   --screenshots FOLDER   save a picture (PNG) of each view, in light and in dark, also wide
//
// AUTOPASPOORT_URL is the address of a server with the demo garage (scripts/with-server.sh gives one),
// AUTOPASPOORT_DATA_DIR its folder, which has its mails, and CHROMIUM the browser's program.

import { createHmac, randomInt } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { TEXTS } from "../../api/app/texts.js";
import { expect, launch, server, step, TIMEOUT_MS, watch } from "./browser.mjs";

const PHONE = { width: 320, height: 640 };
const WIDE = { width: 1024, height: 800 };
const DEMO_PASSWORD = "Welkom-bij-AutoPaspoort-2019";
const UNKNOWN = "01890000-0000-7000-8000-000000000000";

const { values: options } = parseArgs({ options: { screenshots: { type: "string" } } });
const mails = join(process.env.AUTOPASPOORT_DATA_DIR ?? "", "mail");
if (!process.env.AUTOPASPOORT_DATA_DIR) {
  console.error("AUTOPASPOORT_DATA_DIR must be set; scripts/with-server.sh does.");
  process.exit(2);
}
if (options.screenshots) mkdirSync(options.screenshots, { recursive: true });

// The check can be run again on the same server: people and plates are new each time.
const letters = (count) => Array.from({ length: count }, () => "BDFGHJKLNPRSTXZ"[randomInt(15)]).join("");
const run = letters(6).toLowerCase();
const plates = letters(4);
let plateCount = 0;
const newPlate = () => `${plates.slice(0, 1)}-${100 + plateCount++}-${plates.slice(1, 3)}`;
const address = (name) => `${name}.${run}@thuis.example`;
const password = `zeven groene kikkers ${run}`;
const otherPassword = `acht paarse wolken ${run}`;

// ---------------------------------------------------------------------------------------------------------------------
// The API, with which the garage and others do what causes a mail
// ---------------------------------------------------------------------------------------------------------------------

async function api(token, method, path, body, headers = {}) {
  const answer = await fetch(server + path, {
    method,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${text}`);
  return text === "" ? null : JSON.parse(text);
}

const signIn = async (email, password) => (await api(null, "POST", "/v1/auth/login", { email, password })).accessToken;

const newPassport = (garage, email, name, language = "nl") =>
  api(garage, "POST", "/v1/passports", {
    licencePlate: { number: newPlate() },
    customer: { kind: "person", name, email, language },
  });

// A driver with an active passport, made without the page.
async function newDriver(garage, email, name) {
  const passport = await newPassport(garage, email, name);
  const { tokens } = await api(null, "POST", "/v1/invitations/accept", { token: tokenOf(await link(email)), password });
  return { token: tokens.accessToken, passport };
}

// Mails that were read.
const read = new Set();

// What `find` finds in a mail to an address that was not read before; waits until such a mail is there.
async function inMail(email, what, find) {
  const end = Date.now() + TIMEOUT_MS;
  while (Date.now() < end) {
    for (const name of readdirSync(mails).sort()) {
      if (!name.endsWith(".eml") || read.has(name)) continue;
      const mail = readFileSync(join(mails, name), "utf8").replace(/\r\n/g, "\n");
      const to = mail.split("\n\n")[0].replace(/\n[ \t]+/g, " ").match(/^To: .*$/m)?.[0] ?? "";
      const found = find(mail);
      if (!to.includes(email) || !mail.includes("</html>") || !found) continue;
      read.add(name);
      return found;
    }
    await pause(50);
  }
  throw new Error(`no mail to ${email} with ${what} in ${mails}`);
}

// The link to a page in the mail to an address.
const link = (email, page = "invitation#") =>
  inMail(email, `a link to ${page}`, (mail) => mail.match(/https?:\/\/\S+\/app\/\S+/g)?.find((address) => address.includes(`/app/${page}`)));

// The link to leave off, as people read it at the end of a mail.
const leavingLink = (email, words) =>
  inMail(email, `"${words}: "`, (mail) => mail.split("\n").find((line) => line.includes(` ${words}: http`))?.split(` ${words}: `)[1]);

const tokenOf = (address) => new URL(address).hash.slice(1);

// The code of an authenticator app (RFC 6238) for a half minute from now.
function code(secret, halfMinutes) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = Array.from(secret, (letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + halfMinutes));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// ---------------------------------------------------------------------------------------------------------------------
// The browser
// ---------------------------------------------------------------------------------------------------------------------

let pictures = 0;

// Waits for the view with this heading, and looks at what must hold for each view.
async function sees(page, heading) {
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  const title = await page.title();
  if (!title.includes(heading)) throw new Error(`the title of "${heading}" is "${title}"`);
  await look(page, heading);
  step(`"${heading}"`);
}

async function look(page, name) {
  const [content, phone] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  if (content > phone) throw new Error(`"${name}" is ${content} px wide on a phone of ${phone} px`);
  const unnamed = await withoutName(page);
  if (unnamed.length > 0) throw new Error(`"${name}" has ${unnamed.join(", ")} without a name`);
  await picture(page, name);
}

// The roles of what can be used and has no accessible name.
async function withoutName(page) {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send("Accessibility.getFullAXTree");
  await devtools.detach();
  const used = ["textbox", "radio", "radiogroup", "group", "button", "link", "checkbox"];
  return nodes
    .filter((node) => !node.ignored && used.includes(node.role?.value) && !node.name?.value?.trim())
    .map((node) => node.role.value);
}

async function picture(page, name) {
  if (!options.screenshots) return;
  const number = String(++pictures).padStart(2, "0");
  const file = `${number}-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 40)}`;
  const take = (kind) => page.screenshot({ path: join(options.screenshots, `${file}-${kind}.png`), fullPage: true });
  await take("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await take("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
  await take("wide");
  await page.setViewportSize(PHONE);
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.className || document.activeElement?.tagName);

// Tabs to what has this name, as someone does who has no mouse.
async function tabTo(page, name) {
  for (let count = 0; count < 25; count++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const at = document.activeElement;
      return at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent;
    });
    if (found.trim() === name) return;
  }
  throw new Error(`Tab never comes to "${name}"`);
}

// What the page keeps in the browser.
const kept = (page) => page.evaluate(() => Object.values(sessionStorage).concat(Object.values(localStorage)));

// ---------------------------------------------------------------------------------------------------------------------
// The ways from a mail to done
// ---------------------------------------------------------------------------------------------------------------------

const nl = TEXTS.nl;
const en = TEXTS.en;

function sameTexts(one, other, path = "") {
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    if (typeof one[key] !== typeof other[key]) throw new Error(`${path}${key} is not in both languages`);
    if (one[key] !== null && typeof one[key] === "object") sameTexts(one[key], other[key], `${path}${key}.`);
  }
}

const staffToken = await signIn("beheer@garage-devries.example", DEMO_PASSWORD);

async function passportInDutch(page) {
  const email = address("anna");
  const passport = await newPassport(staffToken, email, "Anna de Wit");
  const mailed = await link(email);
  const answer = await page.goto(mailed);
  const policy = answer.headers()["content-security-policy"] ?? "";
  expect(policy.includes("default-src 'none'") && policy.includes("script-src 'self'") && !policy.includes("unsafe"), "the policy of the page allows its own files alone");
  expect(answer.headers()["referrer-policy"] === "no-referrer", "the page tells no other site its address");
  await sees(page, nl.invitation.passport.title);
  expect((await page.locator("html").getAttribute("lang")) === "nl", "the page is in Dutch");
  expect((await focused(page)) === "H1", "the heading has the focus");
  expect(!page.url().includes("#"), "the token is out of the address");
  const told = await page.locator(".facts").innerText();
  expect(told.includes("Garage De Vries") && told.includes(passport.licencePlate.shown), "it says which garage invites, and for which car");
  await page.reload();
  await page.getByRole("heading", { name: nl.invitation.passport.title }).waitFor();
  step("the page can be loaded again");

  await press(page, nl.invitation.passport.submit);
  expect((await focused(page)) === "summary", "without a password the list of errors has the focus");
  await page.getByRole("link", { name: nl.fields.newPassword.missing }).click();
  expect((await focused(page)) === "field-password" && !page.url().includes("#"), "an error leads to its field");
  await page.getByLabel(nl.fields.newPassword.label, { exact: true }).fill("welkom");
  await press(page, nl.invitation.passport.submit);
  await page.locator("#field-password-error", { hasText: "minstens 12 tekens" }).waitFor();
  await look(page, "password-refused");
  step("what the API says about the password stands at the field, in Dutch");
  await press(page, nl.showField(nl.fields.newPassword.label));
  await page.getByLabel(nl.fields.newPassword.label, { exact: true }).fill(password);
  await press(page, nl.invitation.passport.submit);
  await sees(page, nl.invitation.passport.doneTitle);
  const done = await page.locator("#card").innerText();
  expect(done.includes("Garage De Vries") && done.includes(email), "at the end it names the garage, and how to sign in");
  expect((await kept(page)).length === 0, "the browser keeps nothing of the link");
  await page.reload();
  await sees(page, nl.link.missing[0]);

  await page.goto("about:blank");
  await page.goto(mailed);
  await sees(page, nl.link.invitation_used[0]);

  const second = await newPassport(staffToken, email, "Anna de Wit");
  await page.goto("about:blank");
  await page.goto(await link(email));
  await sees(page, nl.invitation.passport.title);
  await page.getByLabel(nl.fields.password.label, { exact: true }).fill("niet het wachtwoord");
  await press(page, nl.invitation.passport.submitSignIn);
  await page.getByRole("heading", { name: nl.problems.credentials_invalid()[0] }).waitFor();
  await look(page, "wrong-password");
  await page.getByLabel(nl.fields.password.label, { exact: true }).fill(password);
  await press(page, nl.invitation.passport.submitSignIn);
  await page.getByText(nl.invitation.passport.done(second.licencePlate.shown, "Garage De Vries")).waitFor();
  step("with an account one signs in, and the car is added to it");
}

// Without a mouse.
async function passportInEnglish(page) {
  const email = address("emma");
  // The garage wrote down that she reads Dutch.
  await newPassport(staffToken, email, "Emma Brown");
  await page.goto(await link(email));
  await sees(page, en.invitation.passport.title);
  expect((await page.locator("html").getAttribute("lang")) === "en", "the page is in English");
  await tabTo(page, `${en.fields.name.label} (${en.optional})`);
  await page.keyboard.type("Emma B.");
  await tabTo(page, en.fields.newPassword.label);
  await page.keyboard.type("short");
  await page.keyboard.press("Enter");
  await page.locator("#field-password-error", { hasText: "at least 12 characters" }).waitFor();
  await tabTo(page, await page.locator(".summary a").innerText());
  await page.keyboard.press("Enter");
  expect((await focused(page)) === "field-password", "Tab and Enter lead from the list of errors to the field");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(password);
  await tabTo(page, en.invitation.passport.submit);
  const signedOut = page.waitForResponse("**/v1/auth/logout");
  await page.keyboard.press("Enter");
  await sees(page, en.invitation.passport.doneTitle);
  await signedOut;
  const token = await signIn(email, password);
  const account = await api(token, "GET", "/v1/account");
  expect(account.name === "Emma B.", "the keyboard was enough, and the account has the name that was chosen");
  expect(account.language === "en", "the account has the language of the page");
  const sessions = await api(token, "GET", "/v1/auth/sessions");
  expect(sessions.items.length === 1 && sessions.items[0].current, "the page leaves no session behind");
}

async function switchOfLanguage(page) {
  await page.goto(`${server}/app/forgot-password`);
  await page.getByLabel(nl.fields.email.label, { exact: true }).fill(address("anna"));
  await press(page, nl.otherLanguage);
  await sees(page, en.forgot.title);
  expect((await page.getByLabel(en.fields.email.label, { exact: true }).inputValue()) === address("anna"), "what was filled in stays when the language changes");
  await page.reload();
  await sees(page, en.forgot.title);
  step("the language is remembered");
}

async function offer(page) {
  const { token, passport } = await newDriver(staffToken, address("bart"), "Bart Smit");
  const email = address("carla");
  await api(token, "POST", `/v1/passports/${passport.id}/transfers`, { kind: "new_owner", recipientEmail: email });
  const mailed = await link(email);
  await page.goto(mailed);
  await sees(page, nl.invitation.transfer.title);
  const said = await page.locator("main").innerText();
  const means = nl.decisions.transfers.lead({ kind: "new_owner" });
  expect(said.includes("Bart Smit") && said.includes(means), "it says who offers, and what that means");
  await page.getByLabel(nl.fields.name.label, { exact: true }).fill("Carla van Dijk");
  await page.getByLabel(nl.fields.newPassword.label, { exact: true }).fill(password);
  await press(page, nl.invitation.transfer.submit);
  await sees(page, nl.decisions.transfers.title({ kind: "new_owner", licencePlate: passport.licencePlate.shown }));
  const second = await page.locator("main").innerText();
  expect(second.includes("Bart Smit") && /\bCES?T\b/.test(second), "the second step says it too, and in which zone its times are");
  await page.reload();
  await sees(page, nl.decisions.transfers.signInTitle);
  await page.goto(mailed);
  await sees(page, nl.link.invitation_used[0]);
  await page.getByRole("link", { name: nl.link.transferLink }).click();
  await sees(page, nl.decisions.transfers.listTitle);
  await page.getByLabel(nl.fields.email.label, { exact: true }).fill(email);
  await page.getByLabel(nl.fields.password.label, { exact: true }).fill(password);
  await press(page, nl.signIn.submit);
  await page.getByRole("radio").first().waitFor();
  await press(page, nl.decisions.choose);
  expect((await focused(page)) === "summary", "a choice must be made");
  await page.getByRole("radio", { name: nl.decisions.transfers.choices.accept({})[0] }).check();
  await press(page, nl.decisions.choose);
  await sees(page, nl.decisions.transfers.outcomes.accepted({ kind: "new_owner", licencePlate: passport.licencePlate.shown })[0]);
  const car = await api(await signIn(email, password), "GET", `/v1/passports/${passport.id}`);
  expect(car.driver.email === email && car.owner === "driver", "the car was handed over");
  await page.goto("about:blank");
  await page.goto(mailed);
  await sees(page, nl.link.transfer_not_open[0]);

  await page.goto(`${server}/app/passports/${passport.id}`);
  await sees(page, nl.car.title);
  const ways = await page.locator("main").innerText();
  expect(ways.includes(nl.getApp.ask) && !ways.includes(nl.getApp.android), "a car is seen in the app, of which the garage tells where it is");

  // Back again, to someone who has an account.
  await api(await signIn(email, password), "POST", `/v1/passports/${passport.id}/transfers`, { kind: "new_owner", recipientEmail: address("bart") });
  await page.goto("about:blank");
  await page.goto(await link(address("bart")));
  await sees(page, nl.invitation.transfer.title);
  await page.getByLabel(nl.fields.password.label, { exact: true }).fill(password);
  await press(page, nl.invitation.transfer.submitSignIn);
  await page.getByRole("radio", { name: nl.decisions.transfers.choices.decline({})[0] }).check();
  await press(page, nl.decisions.choose);
  await sees(page, nl.decisions.transfers.outcomes.declined({})[0]);
}

async function newPasswordByMail(page) {
  const email = address("dirk");
  await newDriver(staffToken, email, "Dirk Bos");
  await page.goto(`${server}/app/`);
  await sees(page, nl.home.title);
  await page.getByRole("link", { name: nl.home.forgotLink }).click();
  await sees(page, nl.forgot.title);
  await page.getByLabel(nl.fields.email.label, { exact: true }).fill("dirk");
  await press(page, nl.forgot.submit);
  await page.locator("#field-email-error", { hasText: "e-mailadres" }).waitFor();
  await page.getByLabel(nl.fields.email.label, { exact: true }).fill(email);
  await press(page, nl.forgot.submit);
  await sees(page, nl.forgot.doneTitle);
  await page.goto(await link(email));
  await sees(page, nl.invitation.passwordReset.title);
  await page.getByLabel(nl.invitation.passwordReset.label, { exact: true }).fill(otherPassword);
  await press(page, nl.invitation.passwordReset.submit);
  await sees(page, nl.invitation.passwordReset.doneTitle);
  expect(await signIn(email, otherPassword), "the new password opens the account");
}

async function confirmedEmail(page) {
  const { token } = await newDriver(staffToken, address("eva"), "Eva Mol");
  const email = address("eva.nieuw");
  await api(token, "POST", "/v1/account/email", { email, currentPassword: password });
  await page.goto(await link(email));
  await sees(page, en.invitation.emailChange.title);
  await press(page, en.invitation.emailChange.submit);
  await sees(page, en.invitation.emailChange.doneTitle);
  expect(await signIn(email, password), "the new address signs in");
}

async function objection(page) {
  const email = address("frank");
  const { token, passport } = await newDriver(staffToken, email, "Frank Hof");
  const { items: fleets } = await api(staffToken, "GET", "/v1/fleets");
  const fleet = fleets.find((fleet) => fleet.name === "Bakkerij Jansen");
  const { version } = await api(staffToken, "GET", `/v1/passports/${passport.id}`);
  await api(staffToken, "PUT", `/v1/passports/${passport.id}/fleet`, { fleetId: fleet.id }, { "If-Match": `"${version}"` });
  const { secret } = await api(token, "POST", "/v1/account/second-factor", { currentPassword: password });
  await api(token, "POST", "/v1/account/second-factor/confirm", { code: code(secret, 0) });

  await page.goto(await link(email, "link-changes/"));
  await sees(page, nl.decisions["link-changes"].signInTitle);
  await page.getByLabel(nl.fields.email.label, { exact: true }).fill(email);
  await page.getByLabel(nl.fields.password.label, { exact: true }).fill(password);
  await press(page, nl.signIn.submit);
  await sees(page, nl.signIn.codeTitle);
  await page.getByLabel(nl.fields.secondFactor.label, { exact: true }).fill("000000");
  await press(page, nl.signIn.codeSubmit);
  await page.locator("#field-secondFactor-error").waitFor();
  step("a wrong code is told at its field");
  await page.getByLabel(nl.fields.secondFactor.label, { exact: true }).fill(code(secret, 1));
  await press(page, nl.signIn.codeSubmit);
  await sees(page, nl.decisions["link-changes"].title({ kind: "linked", licencePlate: passport.licencePlate.shown }));
  await page.getByRole("radio", { name: nl.decisions["link-changes"].choices.object({})[0] }).check();
  await look(page, "object-chosen");
  await press(page, nl.decisions.choose);
  await sees(page, nl.decisions["link-changes"].outcomes.objected({})[0]);
  const car = await api(staffToken, "GET", `/v1/passports/${passport.id}`);
  expect(car.fleet === null && car.owner === "driver", "the car is the driver's again");
}

async function otherGarage(page) {
  const email = address("gerda");
  const { token, passport } = await newDriver(staffToken, email, "Gerda Vis");
  const { token: invitation } = await api(token, "POST", `/v1/passports/${passport.id}/garage-invitation`);
  const other = await signIn("beheer@autobedrijf-bakker.example", DEMO_PASSWORD);
  await api(other, "POST", "/v1/garage-changes", { invitation, customer: { kind: "person", name: "Gerda Vis", email } });
  await page.goto(await link(email, "garage-changes/"));
  await sees(page, en.decisions["garage-changes"].signInTitle);
  await page.getByLabel(en.fields.email.label, { exact: true }).fill("beheer@autobedrijf-bakker.example");
  await page.getByLabel(en.fields.password.label, { exact: true }).fill(DEMO_PASSWORD);
  await press(page, en.signIn.submit);
  await sees(page, en.decisions.notYoursTitle);
  await press(page, en.signIn.other);
  await sees(page, en.decisions["garage-changes"].signInTitle);
  await page.getByLabel(en.fields.email.label, { exact: true }).fill(email);
  await page.getByLabel(en.fields.password.label, { exact: true }).fill(password);
  await press(page, en.signIn.submit);
  await sees(page, en.decisions["garage-changes"].title({ licencePlate: passport.licencePlate.shown }));
  const said = await page.locator(".facts").innerText();
  const names = [`${en.facts.askingGarage}\nAutobedrijf Bakker`, `${en.facts.presentGarage}\nGarage De Vries`];
  expect(names.every((name) => said.replace(/\n+/g, "\n").includes(name)), "it says which garage asks, and which one the car has now");
  await page.getByRole("radio", { name: en.decisions["garage-changes"].choices.agree({})[0] }).check();
  await press(page, en.decisions.choose);
  await sees(page, en.decisions["garage-changes"].outcomes.agreed({})[0]);
  const car = await api(other, "GET", `/v1/passports/${passport.id}`);
  expect(car.garage.name === "Autobedrijf Bakker", "the other garage keeps the passport");
}

async function colleagueAndFleet(page) {
  const colleague = address("hans");
  await api(staffToken, "POST", "/v1/garage/staff", { name: "Hans Kok", email: colleague, role: "mechanic" });
  await page.goto(await link(colleague));
  await sees(page, nl.invitation.staff.title("Garage De Vries"));
  await page.getByLabel(nl.fields.newPassword.label, { exact: true }).fill(password);
  await press(page, nl.invitation.staff.submit);
  await sees(page, nl.invitation.staff.doneTitle);

  // A fleet to which its manager is invited, and one that the garage prepares and hands over.
  const { passport } = await newDriver(staffToken, address("ilse"), "Ilse Vos");
  const { customer } = await api(staffToken, "GET", `/v1/passports/${passport.id}`);
  const invited = address("wagenpark.een");
  await api(staffToken, "POST", "/v1/fleets", { customerId: customer.id, email: invited, begin: "invited" });
  await page.goto("about:blank");
  await page.goto(await link(invited));
  await sees(page, nl.invitation.fleet.title);
  await page.getByLabel(nl.fields.newPassword.label, { exact: true }).fill(password);
  await press(page, nl.invitation.fleet.submit);
  await sees(page, nl.invitation.fleet.doneTitle);

  const [prepared, manager] = [address("wagenpark.twee"), address("wagenpark.drie")];
  await api(staffToken, "POST", "/v1/fleets", { customerId: customer.id, email: prepared, begin: "prepared", password, name: `Wagenpark ${run}` });
  await api(await signIn(prepared, password), "POST", "/v1/account/email", { email: manager, currentPassword: password });
  await page.goto("about:blank");
  await page.goto(await link(manager));
  await sees(page, nl.invitation.handOver.title);
  await page.getByLabel(nl.fields.newPassword.label, { exact: true }).fill(password);
  await press(page, nl.invitation.handOver.submit);
  await page.locator("#field-password-error").waitFor();
  step("the password that the garage has is refused at its field");
  await page.getByLabel(nl.fields.newPassword.label, { exact: true }).fill(otherPassword);
  await press(page, nl.invitation.handOver.submit);
  await sees(page, nl.invitation.handOver.doneTitle);
}

// A mechanic completes a check of a car in which all is good, of which its driver is mailed.
async function completeCheck(passport) {
  const checks = `/v1/passports/${passport.id}/checks`;
  const { id, missing } = await api(staffToken, "POST", checks, { template: "holiday" });
  for (const place of missing) await api(staffToken, "PUT", `${checks}/${id}/findings/${place}`, { result: "good" });
  await api(staffToken, "POST", `${checks}/${id}/complete`, { odometer: 60_000 });
}

// Whether an account is mailed that a check is ready.
async function isMailedOfChecks(token) {
  const { settings } = await api(token, "GET", "/v1/account/notification-settings");
  return settings.find((setting) => setting.kind === "check_ready").email;
}

// The page has no script, so its texts are the server's.
const LEAVING = {
  nl: {
    line: "Meld u af",
    title: "Afmelden",
    about: "Een controle van mijn auto is klaar",
    submit: "Ja, meld mij af",
    left: "U bent afgemeld",
    again: "Toch weer ontvangen",
    back: "U bent weer aangemeld",
    unknown: "Deze link werkt niet",
  },
  en: {
    line: "Unsubscribe",
    title: "Unsubscribe",
    about: "A check of my car is ready",
    submit: "Yes, unsubscribe me",
    left: "You are unsubscribed",
    again: "Get them again after all",
    back: "You are subscribed again",
  },
};

async function leavingInDutch(page) {
  const texts = LEAVING.nl;
  const email = address("jet");
  const { token, passport } = await newDriver(staffToken, email, "Jet Prins");
  await completeCheck(passport);
  const mailed = await leavingLink(email, texts.line);
  const answer = await page.goto(mailed);
  const policy = answer.headers()["content-security-policy"] ?? "";
  expect(policy.includes("default-src 'none'") && policy.includes("form-action 'self'") && !policy.includes("unsafe"), "the policy of the page allows no script, and its own form alone");
  await sees(page, texts.title);
  expect((await page.locator("html").getAttribute("lang")) === "nl", "the page is in Dutch");
  expect((await page.locator(".card").innerText()).includes(texts.about), "it says what it is about");
  expect(await isMailedOfChecks(token), "opening the link changes nothing");
  await press(page, texts.submit);
  await sees(page, texts.left);
  expect(!(await isMailedOfChecks(token)), "who pressed the button is mailed no more");
  await page.goto("about:blank");
  await page.goto(mailed);
  await page.getByRole("heading", { level: 1, name: texts.left }).waitFor();
  step("the link says so when it is opened again");
  await press(page, texts.again);
  await sees(page, texts.back);
  expect(await isMailedOfChecks(token), "it can be taken back");
  const unknown = await page.goto(`${server}/unsubscribe/${"x".repeat(60)}`);
  expect(unknown.status() === 404, "a link that is not complete answers 404");
  await sees(page, texts.unknown);
}

// Without a mouse.
async function leavingInEnglish(page) {
  const texts = LEAVING.en;
  const email = address("kate");
  const { token, passport } = await newDriver(staffToken, email, "Kate Brown");
  const { version } = await api(token, "GET", "/v1/account");
  await api(token, "PATCH", "/v1/account", { language: "en" }, { "If-Match": `"${version}"` });
  await completeCheck(passport);
  await page.goto(await leavingLink(email, texts.line));
  await sees(page, texts.title);
  expect((await page.locator("html").getAttribute("lang")) === "en", "the page is in the language of the mail, whatever the browser's is");
  expect((await page.locator(".card").innerText()).includes(texts.about), "it says what it is about");
  expect(await isMailedOfChecks(token), "opening the link changes nothing");
  await tabTo(page, texts.submit);
  await page.keyboard.press("Enter");
  await sees(page, texts.left);
  expect(!(await isMailedOfChecks(token)), "Tab and Enter are enough to be mailed no more");
  await tabTo(page, texts.again);
  await page.keyboard.press("Enter");
  await sees(page, texts.back);
  expect(await isMailedOfChecks(token), "and to take it back");
}

async function whatGoesWrong(page, context) {
  await page.goto(`${server}/app/invitation#${"x".repeat(43)}`);
  await sees(page, nl.link.invitation_not_found[0]);
  await page.goto("about:blank");
  await page.goto(`${server}/app/invitation#not%20a%20token`);
  await sees(page, nl.link.invitation_not_found[0]);
  for (const code of ["invitation_expired", "invitation_revoked"]) {
    await page.route("**/v1/invitations/preview", (route) => route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code, title: "" }) }));
    await page.reload();
    await sees(page, nl.link[code][0]);
    await page.unroute("**/v1/invitations/preview");
  }

  await page.goto(`${server}/app/forgot-password`);
  await page.getByLabel(nl.fields.email.label, { exact: true }).fill(address("niemand"));
  await context.setOffline(true);
  await press(page, nl.forgot.submit);
  await page.getByRole("heading", { name: nl.problems.unreachable()[0] }).waitFor();
  expect((await page.getByLabel(nl.fields.email.label, { exact: true }).inputValue()) === address("niemand"), "without a connection, what was filled in stays");
  await context.setOffline(false);
  await page.route("**/v1/auth/password-reset", (route) =>
    route.fulfill({ status: 429, contentType: "application/problem+json", headers: { "Retry-After": "290" }, body: JSON.stringify({ code: "too_many_attempts", title: "" }) }));
  await press(page, nl.forgot.submit);
  await page.getByText(/over 5 minuten \(om \d\d:\d\d\)/).waitFor();
  await look(page, "too-many-attempts");
  step("after too many attempts it says when to try again");
  await page.unroute("**/v1/auth/password-reset");

  const missing = await page.goto(`${server}/app/niets/hier`);
  expect(missing.status() === 404, "what is not there answers 404");
  await sees(page, nl.notFound.title);
  await page.goto(`${server}/app/link-changes/${UNKNOWN}`);
  await page.getByLabel(nl.fields.email.label, { exact: true }).fill("jan@bakkerij-jansen.example");
  await page.getByLabel(nl.fields.password.label, { exact: true }).fill(DEMO_PASSWORD);
  await press(page, nl.signIn.submit);
  await sees(page, nl.decisions.notFoundTitle);
  await page.goto(`${server}/app`);
  await sees(page, nl.home.title);
}

// The server names the pages of the apps in the head of the page, when its operator has given them.
async function whereTheAppsAre(page) {
  const android = "https://play.google.example/store/apps/details?id=nl.autopaspoort&hl=nl";
  const ios = "https://apps.example/nl/app/autopaspoort/id1";
  await page.route("**/app/**", async (route) => {
    const answer = await route.fetch();
    if (route.request().resourceType() !== "document") return route.fulfill({ response: answer });
    const named = `<meta name="android-app" content="${android.replace("&", "&amp;")}"><meta name="ios-app" content="${ios}"></head>`;
    return route.fulfill({ response: answer, body: (await answer.text()).replace("</head>", named) });
  });
  await page.goto(`${server}/app/passports/${UNKNOWN}`);
  await sees(page, nl.car.title);
  for (const [name, href] of [[nl.getApp.android, android], [nl.getApp.ios, ios]]) {
    expect((await page.getByRole("link", { name }).getAttribute("href")) === href, `a link leads to the store: ${name}`);
  }
  expect(!(await page.locator("main").innerText()).includes(nl.getApp.ask), "and the garage need not be asked");
}

async function withoutScript(page) {
  await page.goto(`${server}/app/invitation`);
  const text = await page.locator("#card").innerText();
  expect(text.includes("JavaScript aan") && text.includes("Turn on JavaScript"), "without JavaScript the page says what it is and what it needs, in both languages");
  await picture(page, "no-script");
}

// ---------------------------------------------------------------------------------------------------------------------

const visits = [
  ["an AutoPaspoort, in Dutch", passportInDutch],
  ["an AutoPaspoort, in English, with the keyboard alone", passportInEnglish, { locale: "en-GB" }],
  ["the other language", switchOfLanguage],
  ["an offer", offer],
  ["a new password", newPasswordByMail],
  ["another e-mail", confirmedEmail, { locale: "en-US" }],
  ["an objection to a link, with a second factor", objection],
  ["another garage", otherGarage, { locale: "en-GB" }],
  ["a colleague and fleets", colleagueAndFleet],
  ["no more mails, in Dutch", leavingInDutch],
  ["no more mails, in English, with the keyboard alone", leavingInEnglish, { locale: "en-GB" }],
  ["where the apps are", whereTheAppsAre],
  ["what goes wrong", whatGoesWrong, { locale: "fr-FR" }],
  ["no JavaScript", withoutScript, { javaScriptEnabled: false }],
];

// The browser itself reports answers of 400 and up, and that there is no connection: the page tells those to its reader.
const isMeant = (message) => /^Failed to load resource: (the server responded with a status of 4|net::ERR_INTERNET_DISCONNECTED)/.test(message.text());

sameTexts(nl, en);
step("all texts are there in both languages");
const browser = await launch();
let failed = false;
try {
  console.log(`Chromium ${browser.version()} on ${server}/app`);
  for (const [name, visit, settings] of visits) {
    console.log(`  ${name}`);
    const context = await browser.newContext({ viewport: PHONE, locale: "nl-NL", timezoneId: "Europe/Amsterdam", reducedMotion: "reduce", ...settings });
    const page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    const trouble = await watch(page, context, { isMeant });
    page.on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      // A mail program sends the form of a link to leave off without its page, so the token of such a link is in its address.
      if (/[A-Za-z0-9_-]{40,}/.test(pathname.replace(/^\/unsubscribe\/[A-Za-z0-9_-]+$/, "") + search)) trouble.push(`a token in an address: ${request.url()}`);
    });
    try {
      await visit(page, context);
    } catch (error) {
      trouble.unshift(stripVTControlCharacters(error.message));
      if (options.screenshots) await page.screenshot({ path: join(options.screenshots, `failed-${visit.name}.png`), fullPage: true });
    }
    for (const text of trouble) console.error(`  NOT ok  ${text}`);
    failed ||= trouble.length > 0;
    await context.close();
  }
} finally {
  await browser.close();
}
if (failed) process.exit(1);
step(`${visits.length} ways from a mail to done, in Dutch and English, at ${PHONE.width} px: nothing was too wide or without a name, no request left the server, and the page reported no error`);
