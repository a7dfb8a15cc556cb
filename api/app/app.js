// The pages of the server itself, to which links in mails lead. They are for those who have no app at hand: using a
// mailed link, deciding about a car, and asking for a new password. Everything else is done in the app.

import { forgotPassword } from "./account.js";
import { signOut } from "./api.js";
import { decision, isId, transfers } from "./decision.js";
import { invitation } from "./invitation.js";
import { choose, language, otherLanguage, texts } from "./language.js";
import { readToken } from "./token.js";
import { announce, el, getApp, paragraph, renderAgain, show } from "./view.js";

// The pages by the parts of their address below /app. `:id` is an id; a page with `link` gets the token of a mailed link.
const ROUTES = [
  { path: "", page: home },
  { path: "invitation", page: invitation, link: true },
  { path: "forgot-password", page: forgotPassword },
  { path: "link-changes/:id", page: ({ id }) => decision("link-changes", id) },
  { path: "garage-changes/:id", page: ({ id }) => decision("garage-changes", id) },
  { path: "transfers/:id", page: ({ id }) => decision("transfers", id) },
  { path: "transfers", page: transfers },
  // What is told, and each car, is read in the app: the page says how one gets there.
  { path: "notifications", page: home },
  { path: "passports/:id", page: car },
  { path: "customers/:id", page: home },
];

// What a route finds in an address: null when it is of another page.
function match(route, parts) {
  const wanted = route.path.split("/");
  if (wanted.length !== parts.length) return null;
  const found = {};
  for (const [place, part] of wanted.entries()) {
    if (part === ":id" && isId(parts[place])) found.id = parts[place];
    else if (part !== parts[place]) return null;
  }
  return found;
}

function start() {
  const parts = location.pathname.replace(/^\/app\/?/, "").split("/");
  for (const route of ROUTES) {
    const found = match(route, parts);
    if (found) return route.page(route.link ? { ...found, token: readToken() } : found);
  }
  return notFound();
}

function home() {
  show(
    () => {
      const t = texts().home;
      return [
        el("h1", {}, t.title),
        el("p", { class: "lead" }, t.lead),
        el("ul", { class: "points" }, t.points.map(([title, text]) => el("li", {}, el("strong", {}, title), " ", text))),
        el("h2", {}, t.appTitle),
        paragraph(t.app),
        getApp(),
        el("h2", {}, t.forgotTitle),
        paragraph(t.forgot),
        el("p", { class: "actions" }, el("a", { class: "secondary", href: "/app/forgot-password" }, t.forgotLink)),
      ];
    },
    { focus: false },
  );
}

// The car to which a mail leads.
function car() {
  show(
    () => {
      const t = texts().car;
      return [
        el("h1", {}, t.title),
        el("p", { class: "lead" }, t.lead),
        paragraph(t.signIn),
        el("h2", {}, t.getTitle),
        getApp(),
        el("h2", {}, t.askTitle),
        paragraph(t.ask),
      ];
    },
    { focus: false },
  );
}

function notFound() {
  show(
    () => {
      const t = texts().notFound;
      return [
        el("h1", {}, t.title),
        el("p", { class: "lead" }, t.lead),
        paragraph(t.text),
        el("p", { class: "actions" }, el("a", { class: "secondary", href: "/app/" }, t.home)),
      ];
    },
    { focus: false },
  );
}

const languageSwitch = document.getElementById("switch");

// What stands around the card, in the language of the page.
function dress() {
  document.documentElement.lang = language();
  languageSwitch.hidden = false;
  languageSwitch.lang = otherLanguage();
  languageSwitch.textContent = texts().otherLanguage;
  document.getElementById("footer").textContent = texts().footer;
}

languageSwitch.addEventListener("click", () => {
  choose(otherLanguage());
  dress();
  renderAgain();
  announce(texts().switched);
});

// Another link that is pasted into the same tab changes only what is behind the `#`.
addEventListener("hashchange", () => location.reload());

// Whoever leaves the page leaves no session behind, also when the browser keeps the page to come back to.
addEventListener("pagehide", signOut);
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

dress();
start();
