// Shows views in the card of the page, and forms with their errors. What comes from elsewhere is only ever set as text.

import { Refusal } from "./api.js";
import { after, texts } from "./language.js";

const card = document.getElementById("card");
const announcer = document.getElementById("announcer");

// Makes an element. A function among the attributes listens to the event of that name; children may be lists, and those
// that are null or false are left out.
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(key, value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...flat(children).flatMap((child) => (typeof child === "string" ? whole(child) : [child])));
  return made;
}

const flat = (children) => [children].flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

const ADDRESS_OR_PLATE = /([^\s@]+@\S+|\b[A-Z0-9]{1,3}(?:-[A-Z0-9]{1,3}){1,2}\b|\b[Ee]-mail\w*)/;

// The parts of a text, of which those with a dash stay on one line, and an e-mail address breaks before its signs alone.
function whole(text) {
  return text.split(ADDRESS_OR_PLATE).map((part) => {
    if (!ADDRESS_OR_PLATE.test(part)) return part;
    const made = document.createElement("span");
    if (part.includes("@")) made.append(...part.split(/(?=@|\.\w)/).flatMap((piece) => [document.createElement("wbr"), piece]).slice(1));
    else made.append(part);
    made.className = part.includes("@") ? "address" : "whole";
    return made;
  });
}

export const paragraph = (...children) => el("p", {}, ...children);

// Tells something to a screen reader. It is emptied first, so that the same words are told again.
export function announce(text) {
  announcer.textContent = "";
  requestAnimationFrame(() => (announcer.textContent = text));
}

// ---------------------------------------------------------------------------------------------------------------------
// Views
// ---------------------------------------------------------------------------------------------------------------------

let current = () => [];

// Shows a view: a function that makes its elements, so that it can be made again in the other language. The first `h1`
// gets the focus, unless the reader has only just come and nothing was asked yet.
export function show(view, { focus = true } = {}) {
  current = view;
  render();
  if (focus) card.querySelector("h1")?.focus();
  scrollTo(0, 0);
}

function render() {
  card.replaceChildren(...flat(current()));
  const heading = card.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  document.title = heading && heading.textContent !== "AutoPaspoort" ? `${heading.textContent} - AutoPaspoort` : "AutoPaspoort";
}

// Makes the present view again, in the language that was chosen; what was filled in stays.
export function renderAgain() {
  const kept = new Map();
  for (const input of card.querySelectorAll("input")) {
    if (input.type === "radio") kept.set(`${input.name}=${input.value}`, input.checked);
    else kept.set(input.name, input.value);
  }
  render();
  for (const input of card.querySelectorAll("input")) {
    if (input.type === "radio") input.checked = kept.get(`${input.name}=${input.value}`) ?? false;
    else if (!input.readOnly) input.value = kept.get(input.name) ?? input.value;
  }
}

// While the server is asked. What is told is not shown at once, so that nothing flashes when the answer comes soon.
export function showWaiting(say = () => texts().wait) {
  current = () => el("p", { class: "waiting" }, say());
  render();
  announce(say());
}

// A view that only tells something: title, first words, and more.
export function showMessage(say, ...more) {
  show(() => {
    const [title, lead, ...rest] = say();
    return [el("h1", {}, title), el("p", { class: "lead" }, lead), rest.map((text) => paragraph(text)), more.map((make) => make())];
  });
}

// What was asked for could not be had, and the reader can try again.
export function showProblem(refusal, again) {
  show(() => {
    const [title, text] = problemTexts(refusal);
    return [el("h1", {}, title), el("p", { class: "lead" }, text), el("p", { class: "actions" }, button(texts().tryAgain, again))];
  });
}

// Where people get the apps: those that the server named in the page's head.
const STORES = ["android", "ios"]
  .map((name) => [name, document.querySelector(`meta[name="${name}-app"]`)?.content])
  .filter(([, address]) => address?.startsWith("https://"));

// How one gets the app: links to the stores, or a sentence where the server knows of none.
export function getApp() {
  const t = texts().getApp;
  if (STORES.length === 0) return paragraph(t.ask);
  return el("ul", { class: "list stores" }, STORES.map(([name, address]) => el("li", {}, el("a", { class: "secondary", href: address }, t[name]))));
}

// The reader is done: what was done, and how to go on.
export function showDone(say, email) {
  show(() => {
    const t = texts();
    const [title, text] = say();
    return [
      el("div", { class: "tick", "aria-hidden": "true" }),
      el("h1", {}, title),
      el("p", { class: "lead" }, text),
      el("div", { class: "next" }, el("h2", {}, t.openApp.title), paragraph(email ? t.openApp.signIn(email) : t.openApp.plain), getApp(), paragraph(t.openApp.close)),
    ];
  });
}

export const button = (label, click, kind = "primary") => el("button", { type: "button", class: kind, click }, label);

export const linkButton = (label, click) => button(label, click, "quiet");

// A list of names and values; those without a value are left out.
export function facts(...pairs) {
  const known = pairs.filter(([, value]) => value);
  return known.length === 0 ? null : el("dl", { class: "facts" }, known.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

// A licence plate; one of the Dutch form looks like one.
export function plate(shown) {
  if (!shown) return null;
  const isDutch = /^[A-Z0-9]{1,3}-[A-Z0-9]{1,3}-[A-Z0-9]{1,3}$/.test(shown);
  return el("span", { class: isDutch ? "plate dutch" : "plate" }, shown);
}

// ---------------------------------------------------------------------------------------------------------------------
// Problems
// ---------------------------------------------------------------------------------------------------------------------

const BUSY = ["too_many_requests", "overloaded", "database_unavailable", "request_timeout"];
const BROKEN = ["internal_error", "unreadable", "storage_full"];

// Title and text of a problem: our own words where we have them, else those of the API.
export function problemTexts(refusal) {
  const { problems } = texts();
  const when = after(refusal.retryAfter);
  if (refusal.code in problems) return problems[refusal.code](when);
  if (BUSY.includes(refusal.code)) return problems.busy(when);
  if (BROKEN.includes(refusal.code) || !refusal.title) return problems.broken(when, refusal.requestId);
  return [refusal.title, refusal.detail ?? ""];
}

// ---------------------------------------------------------------------------------------------------------------------
// Forms
// ---------------------------------------------------------------------------------------------------------------------

// A form of fields with one button. `fields` are those of `field` and `choice` below; `send` gets their values by name.
// What it refuses is shown at the fields that are meant, or above the form; unless `refused` says that it took care of it.
export function form({ fields, submit, send, refused = () => false, refusal = null }) {
  const summary = el("div", { class: "summary", tabindex: "-1", hidden: true });
  const label = el("span", {}, submit);
  const sending = el("button", { type: "submit", class: "primary" }, label);
  let isBusy = false;

  async function submitted(event) {
    event.preventDefault();
    if (isBusy) return;
    const missing = fields.filter((field) => field.isMissing());
    tell(missing.map((field) => [field, field.texts.missing]));
    if (missing.length > 0) return;
    busy(true);
    try {
      await send(Object.fromEntries(fields.map((field) => [field.name, field.value()])));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      busy(false);
      if (made.isConnected && !refused(error)) explain(error);
    } finally {
      busy(false);
    }
  }

  function busy(now) {
    isBusy = now;
    sending.setAttribute("aria-disabled", String(now));
    label.textContent = now ? texts().busy : submit;
    if (now) announce(texts().busy);
    for (const field of fields) if (now) field.conceal?.();
  }

  function explain(refusal) {
    const code = fields.find((field) => field.name === "secondFactor");
    if (code && refusal.code === "second_factor_wrong") return tell([[code, code.texts.wrong]]);
    const wrong = fields.map((field) => [field, refusal.about(field.name)]).filter(([, said]) => said);
    if (wrong.length === 0) return tell([], problemTexts(refusal));
    return tell(wrong.map(([field, said]) => [field, said.code === "required" ? field.texts.missing : `${field.texts.subject} ${said.detail}.`]));
  }

  // Shows what is wrong: `wrong` are fields with their errors, `general` is title and text of what is about no field.
  function tell(wrong, general = null) {
    for (const field of fields) field.tell(wrong.find(([other]) => other === field)?.[1] ?? null);
    summary.hidden = wrong.length === 0 && general === null;
    if (summary.hidden) return;
    const [title, text] = general ?? [texts().checkTitle, null];
    const links = wrong.map(([field, error]) => el("li", {}, field.link(error)));
    summary.replaceChildren(el("div", { role: "alert" }, el("h2", {}, title), text && paragraph(text), links.length > 0 && el("ul", {}, links)));
    summary.focus();
  }

  const made = el("form", { novalidate: true, submit: submitted }, summary, fields.map((field) => field.element), el("p", { class: "actions" }, sending));
  if (refusal) requestAnimationFrame(() => explain(refusal));
  return made;
}

// A field to fill in. `says` are its texts: label, the subject of what the API says about it, and what to say when it is
// missing.
export function field({ name, says, type = "text", hint = null, optional = false, readonly = false, value = null, ...attributes }) {
  if (readonly) return fixedField({ name, says, type, value, ...attributes });
  const id = `field-${name}`;
  const error = el("p", { class: "error", id: `${id}-error`, hidden: true });
  const about = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  const input = el("input", { id, name, type, value, spellcheck: "false", "aria-describedby": about, "aria-required": !optional && "true", ...attributes });
  const box = type === "password" ? concealed(input, says.label) : null;
  const element = el(
    "div",
    { class: "field" },
    el("label", { for: id }, says.label, optional && el("span", { class: "optional" }, ` (${texts().optional})`)),
    hint && el("p", { class: "hint", id: `${id}-hint` }, hint),
    error,
    box?.element ?? input,
  );
  return {
    name,
    texts: says,
    element,
    conceal: box?.conceal,
    value: () => input.value,
    isMissing: () => !optional && input.value.trim() === "",
    link: (text) => jump(text, input),
    tell(text) {
      tellError(error, text);
      element.classList.toggle("wrong", text !== null);
      if (text === null) input.removeAttribute("aria-invalid");
      else input.setAttribute("aria-invalid", "true");
    },
  };
}

// A value that cannot be changed here. The input is there for programs that keep passwords: they need to know whose it is.
function fixedField({ name, says, value, ...attributes }) {
  const input = el("input", { name, value, hidden: true, readonly: true, ...attributes });
  return {
    name,
    texts: says,
    element: el("div", { class: "field" }, el("p", { class: "label" }, says.label), el("p", { class: "fixed" }, value), input),
    value: () => value,
    isMissing: () => false,
    link: (text) => text,
    tell() {},
  };
}

// A choice of one of some, each with a label and what it means.
export function choice({ name, says, options }) {
  const error = el("p", { class: "error", id: `field-${name}-error`, hidden: true });
  const inputs = options.map(({ value }) => el("input", { type: "radio", id: `field-${name}-${value}`, name, value, "aria-describedby": `field-${name}-${value}-hint` }));
  const element = el(
    "fieldset",
    { class: "field choice", "aria-describedby": error.id },
    el("legend", {}, says.label),
    error,
    options.map(({ value, label, hint }, place) =>
      el(
        "div",
        { class: "option" },
        inputs[place],
        el("label", { for: inputs[place].id }, label),
        el("p", { class: "hint", id: `field-${name}-${value}-hint` }, hint),
      )),
  );
  const chosen = () => inputs.find((input) => input.checked)?.value ?? "";
  return {
    name,
    texts: says,
    element,
    value: chosen,
    isMissing: () => chosen() === "",
    link: (text) => jump(text, inputs[0]),
    tell(text) {
      tellError(error, text);
      element.classList.toggle("wrong", text !== null);
    },
  };
}

function tellError(error, text) {
  error.hidden = text === null;
  error.replaceChildren(...(text === null ? [] : [el("span", { class: "unseen" }, `${texts().error} `), text]));
}

// A link to a field. The address stays as it is: behind its `#` stands the token of a mailed link.
function jump(text, input) {
  const click = (event) => {
    event.preventDefault();
    input.focus();
  };
  return el("a", { href: `#${input.id}`, click }, text);
}

// The box of a password, with a button that shows what was typed.
function concealed(input, label) {
  const toggle = el("button", { type: "button", class: "reveal", "aria-controls": input.id });
  const reveal = (shown) => {
    input.type = shown ? "text" : "password";
    toggle.textContent = shown ? texts().hide : texts().show;
    toggle.setAttribute("aria-label", shown ? texts().hideField(label) : texts().showField(label));
  };
  toggle.addEventListener("click", () => reveal(input.type === "password"));
  reveal(false);
  return { element: el("div", { class: "concealed" }, input, toggle), conceal: () => reveal(false) };
}
