// The pages on which someone who signs in decides: about a change of a car's link to a fleet, about a change of garage,
// or about an offer.

import { showSignIn } from "./account.js";
import { Refusal, send, signedIn, signOut } from "./api.js";
import { moment, texts } from "./language.js";
import { button, choice, el, facts, form, linkButton, paragraph, plate, problemTexts, show, showDone, showMessage, showProblem, showWaiting } from "./view.js";

// Who decides, in which status, and until when. The choices are the last parts of the operations' paths.
const KINDS = {
  "link-changes": { decider: "former_owner", open: "open", until: "endsAt", choices: ["agree", "object"] },
  "garage-changes": { decider: "owner", open: "requested", until: "expiresAt", choices: ["agree", "decline"] },
  transfers: { decider: "recipient", open: "offered", until: "expiresAt", choices: ["accept", "decline"] },
};

const IDS = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isId = (text) => IDS.test(text);

// The page of one thing to decide about: its reader signs in, and decides.
export function decision(kind, id, { email = "", refusal = null, focus = false } = {}) {
  const t = () => texts().decisions[kind];
  showSignIn(
    {
      head: () => [el("h1", {}, t().signInTitle), el("p", { class: "lead" }, t().signInLead)],
      email,
      refusal,
      then: () => decide(kind, id),
    },
    { focus },
  );
}

// Shows what is to be decided, in the session. `step` says that it is the second of two steps; `done` is called when it is
// decided; `offeredBy` is the name of who offers, where the link told it.
export async function decide(kind, id, { step = false, done = () => {}, note = null, offeredBy = null } = {}) {
  showWaiting();
  let it;
  try {
    it = { ...(await send("GET", `/v1/${kind}/${id}`)), offeredBy };
    if (kind === "garage-changes" && it.status === "requested") it.presentGarage = await garageOf(it.passportId);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === "not_found") return showNotFor(kind, id, (t) => [t.notFoundTitle, t.notFound]);
    return signInAgain(kind, id, error) || showProblem(error, () => decide(kind, id, { step, done, note, offeredBy }));
  }
  const { decider, open } = KINDS[kind];
  if (it.role !== decider) return showNotFor(kind, id, (t) => [t.notYoursTitle, t.notYours]);
  return it.status === open ? showChoices(kind, it, { step, done, note }) : showOutcome(kind, it, done);
}

// The garage that keeps the passport now; null for who does not see the passport.
async function garageOf(passportId) {
  try {
    return (await send("GET", `/v1/passports/${passportId}`)).garage?.name ?? null;
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return null;
    throw error;
  }
}

// The account has no part in this, or not that of who decides.
function showNotFor(kind, id, say) {
  const { email } = signedIn();
  signOut();
  show(() => {
    const [title, text] = say(texts().decisions);
    return [
      el("h1", {}, title),
      el("p", { class: "lead" }, text(email)),
      el("p", { class: "actions" }, button(texts().signIn.other, () => decision(kind, id, { focus: true }))),
    ];
  });
}

// The session ended while the reader thought it over.
function signInAgain(kind, id, refusal) {
  if (refusal.code !== "unauthenticated") return false;
  const email = signedIn()?.email;
  signOut();
  decision(kind, id, { email, refusal, focus: true });
  return true;
}

function about(kind, it) {
  const t = texts().facts;
  const until = it[KINDS[kind].until];
  return facts(
    [t.car, plate(it.licencePlate)],
    [t.offeredBy, it.offeredBy],
    [kind === "garage-changes" ? t.askingGarage : t.garage, it.garageName],
    [t.presentGarage, it.presentGarage],
    [t.fleet, it.fleetName],
    [t.until, el("time", { datetime: until }, moment(until))],
    [t.signedInAs, signedIn()?.email],
  );
}

function showChoices(kind, it, { step, done, note }) {
  show(() => {
    const t = texts();
    const says = t.decisions[kind];
    const options = KINDS[kind].choices.map((value) => {
      const [label, hint] = says.choices[value](it);
      return { value, label, hint };
    });
    return [
      step && el("p", { class: "step" }, t.step(2, 2)),
      el("h1", {}, says.title(it)),
      note && tellNote(note),
      el("p", { class: "lead" }, says.lead(it)),
      about(kind, it),
      form({
        fields: [choice({ name: "choice", says: t.fields.choice, options })],
        submit: t.decisions.choose,
        send: async ({ choice }) => {
          // What was seen is what is decided about.
          const decided = await send("POST", `/v1/${kind}/${it.id}/${choice}`, { version: it.version });
          showOutcome(kind, decided, done);
        },
        refused: (refusal) => signInAgain(kind, it.id, refusal) || changed(kind, it, refusal, { step, done }),
      }),
      paragraph(linkButton(t.signIn.other, () => {
        signOut();
        decision(kind, it.id, { focus: true });
      })),
    ];
  });
}

function tellNote(refusal) {
  const [title, text] = problemTexts(refusal);
  return el("div", { class: "note" }, el("h2", {}, title), paragraph(text));
}

// It is not as it was when it was shown: it is read and shown anew.
function changed(kind, it, refusal, { step, done }) {
  const codes = ["precondition_failed", "link_change_not_open", "garage_change_not_open", "transfer_not_open"];
  if (!codes.includes(refusal.code)) return false;
  decide(kind, it.id, { step, done, note: new Refusal("changed"), offeredBy: it.offeredBy });
  return true;
}

function showOutcome(kind, it, done) {
  const email = signedIn()?.email;
  signOut();
  done();
  const say = () => texts().decisions[kind].outcomes[it.status]?.(it) ?? texts().decisions.decided(it.licencePlate);
  showDone(say, email);
}

// The page of all offers to whoever signs in: the link in the mail of an offer is used once its account was made.
export function transfers() {
  const t = () => texts().decisions.transfers;
  showSignIn(
    {
      head: () => [el("h1", {}, t().listTitle), el("p", { class: "lead" }, t().signInLead)],
      then: async () => {
        const { items } = await send("GET", "/v1/transfers?status=offered&limit=200");
        const offers = items.filter((item) => item.role === "recipient");
        if (offers.length === 1) return decide("transfers", offers[0].id);
        if (offers.length === 0) {
          signOut();
          return showMessage(() => [t().listTitle, t().none]);
        }
        return show(() => [
          el("h1", {}, t().listTitle),
          el("p", { class: "lead" }, t().listLead),
          el("ul", { class: "list" }, offers.map((offer) =>
            el("li", {}, button(t().look(offer.licencePlate), () => decide("transfers", offer.id), "secondary")))),
        ]);
      },
    },
    { focus: false },
  );
}
