// The page of a mailed link: what it is for, and using it. The token stands behind the `#` of the address, and is sent
// to the server in bodies alone. Where something cut it off, the code of the mail takes its place, with the address to
// which that went. By either one knows the link: `by` is `{ token }` or `{ email, code }`.

import { emailField, newPasswordField, showSignIn } from "./account.js";
import { keepSession, Refusal, send, signedIn, signOut } from "./api.js";
import { decide } from "./decision.js";
import { language, moment, texts } from "./language.js";
import { forgetToken } from "./token.js";
import { el, facts, field, form, linkButton, paragraph, plate, show, showDone, showMessage, showProblem, showWaiting } from "./view.js";

// Problems of the link itself.
const OF_LINK = ["invitation_not_found", "invitation_used", "invitation_revoked", "invitation_expired", "transfer_not_open"];

// Shows the page of the link with this token.
export async function invitation({ token }) {
  if (!token) return askForCode();
  showWaiting(() => texts().invitation.loading);
  let link;
  try {
    link = await send("POST", "/v1/invitations/preview", { body: { token } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refusedLink(error) || showProblem(error, () => invitation({ token }));
  }
  return showPage(link, { token });
}

// Whoever opened a link whose end was cut off types the code that stands beside it.
function askForCode() {
  showMessage(
    () => texts().link.missing,
    () => {
      const t = texts().invitation.code;
      const fields = [emailField({}), field({ name: "code", says: texts().fields.linkCode, autocomplete: "one-time-code", autocapitalize: "characters" })];
      const use = async ({ email, code }) => {
        const by = { email: email.trim(), code: code.trim() };
        showPage(await send("POST", "/v1/invitations/preview", { body: by }), by);
      };
      // A wrong code is said above the form, so that it can be typed again.
      const refused = (error) => error.code !== "invitation_not_found" && refusedLink(error);
      return [el("h2", {}, t.title), paragraph(t.lead), form({ fields, submit: t.submit, send: use, refused })];
    },
  );
}

// Shows the page of what the link is for.
function showPage(link, by) {
  const pages = { passport, fleet: account, staff: account, transfer, password_reset: passwordReset, email_change: emailChange };
  const page = pages[link.purpose];
  return page ? page(link, by) : showMessage(() => texts().link.unknownPurpose);
}

// Shows what is wrong with the link, if that is what was refused. A token that is no token is one that nobody knows.
function refusedLink(refusal) {
  const code = refusal.about("token") ? "invitation_not_found" : refusal.code;
  if (!OF_LINK.includes(code)) return false;
  showMessage(
    () => texts().link[code],
    () => code !== "transfer_not_open" && paragraph(texts().link.resetHint, " ", el("a", { href: "/app/forgot-password" }, texts().link.resetLink)),
    () => code === "invitation_used" && paragraph(texts().link.transferHint, " ", el("a", { href: "/app/transfers" }, texts().link.transferLink)),
  );
  return true;
}

const garageOf = (link) => link.garageName ?? texts().yourGarage;

// What is known of the link.
function about(link, { hasEmail = false } = {}) {
  const t = texts().facts;
  return facts(
    [t.car, plate(link.licencePlate)],
    [t.garage, link.garageName],
    [t.offeredBy, link.offer?.offeredBy],
    [t.fleet, link.fleetName !== link.offer?.offeredBy && link.fleetName],
    [t.email, hasEmail && link.email],
    [t.linkUntil, el("time", { datetime: link.expiresAt }, moment(link.expiresAt))],
  );
}

const head = (link, title, lead, step = null) => [
  step && el("p", { class: "step" }, step),
  el("h1", {}, title),
  el("p", { class: "lead" }, lead),
  about(link),
];

// Shows a form in which a password is chosen, and uses the link with it.
function showChoosing(link, { title, lead, means, submit, label, name = null, step = null, foot = () => [], use }) {
  show(() => {
    const fields = [emailField({ value: link.email, readonly: true }), name?.(), newPasswordField(label?.())].filter(Boolean);
    return [head(link, title(), lead(), step?.()), means?.(), form({ fields, submit: submit(), send: use, refused: refusedLink }), foot()];
  });
}

const notYours = () => el("p", { class: "small" }, texts().invitation.notYours);

// Uses the link. A new account gets the language in which its owner read this page.
function accept(by, values) {
  return send("POST", "/v1/invitations/accept", { body: { ...by, ...values, ...(signedIn() ? {} : { language: language() }) } });
}

// Whether the address got an account since the link was looked at.
const gotAccount = (error) => error instanceof Refusal && error.code === "sign_in_first";

// Someone activates the AutoPaspoort of a car: with a new account, or with the one that they have.
function passport(link, by) {
  const t = () => texts().invitation.passport;
  const done = (email) => {
    signOut();
    forgetToken();
    showDone(() => [t().doneTitle, t().done(link.licencePlate, garageOf(link))], email);
  };

  const withNewAccount = () =>
    showChoosing(link, {
      title: () => t().title,
      lead: () => t().lead(garageOf(link)),
      submit: () => t().submit,
      name: () => field({ name: "name", says: texts().fields.name, optional: true, autocomplete: "name", hint: texts().nameHint }),
      foot: () => [paragraph(linkButton(t().haveAccount, () => withAccount("", true))), notYours()],
      use: async ({ name, password }) => {
        try {
          const { tokens } = await accept(by, { password, ...(name.trim() ? { name: name.trim() } : {}) });
          keepSession(tokens);
        } catch (error) {
          if (gotAccount(error)) return passport({ ...link, accountExists: true, accountIsDriver: true }, by);
          throw error;
        }
        done(link.email);
      },
    });

  const withAccount = (email, isOther, refusal = null) =>
    showSignIn({
      head: () => head(link, t().title, isOther ? t().otherAddress(garageOf(link)) : t().leadSignIn(garageOf(link))),
      submit: () => t().submitSignIn,
      email,
      refusal,
      foot: () => [
        !link.accountExists && paragraph(linkButton(t().noAccount, withNewAccount)),
        isOther && paragraph(linkButton(t().elsewhere, elsewhere)),
        notYours(),
      ],
      then: async () => {
        const { email } = signedIn();
        try {
          await accept(by, {});
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          signOut();
          return refusedLink(error) || withAccount(email, isOther, error);
        }
        done(email);
      },
    });

  // The link to another address of theirs, which confirms it.
  const elsewhere = () =>
    show(() => [
      head(link, t().elsewhereTitle, t().elsewhereLead(garageOf(link))),
      form({
        fields: [field({ name: "otherEmail", says: texts().fields.email, type: "email", autocomplete: "email" })],
        submit: t().elsewhereSubmit,
        refused: refusedLink,
        send: async ({ otherEmail }) => {
          await send("POST", "/v1/invitations/elsewhere", { body: { ...by, otherEmail: otherEmail.trim() } });
          showMessage(() => t().elsewhereDone(otherEmail.trim()));
        },
      }),
      notYours(),
    ]);

  if (!link.accountExists) return withNewAccount();
  // Whose address is that of a fleet or a garage takes the car with an account of another one.
  return link.accountIsDriver ? withAccount(link.email, false) : withAccount("", true);
}

// The manager of a fleet, or a colleague, chooses the password of the account that a garage made.
function account(link, by) {
  const t = () => texts().invitation[link.purpose];
  showChoosing(link, {
    title: () => (link.purpose === "staff" ? t().title(garageOf(link)) : t().title),
    lead: () => t().lead(garageOf(link)),
    submit: () => t().submit,
    foot: notYours,
    use: async ({ password }) => {
      const { tokens } = await accept(by, { password });
      keepSession(tokens);
      signOut();
      forgetToken();
      showDone(() => [t().doneTitle, t().done(garageOf(link))], link.email);
    },
  });
}

// Someone is offered a car. The link only makes the account; the offer itself is decided about afterwards.
function transfer(link, by) {
  const t = () => texts().invitation.transfer;
  const step = () => texts().step(1, 2);

  // What it means for the reader, before anything is asked of them.
  const means = () => link.offer && paragraph(texts().decisions.transfers.lead({ kind: link.offer.kind }));

  if (link.accountExists && !link.accountIsDriver) {
    return show(() => [head(link, t().otherKindTitle, t().otherKind(link.email)), notYours()]);
  }
  if (link.accountExists) {
    // The link itself is not used: it opens this page until the offer is decided.
    return showSignIn({
      head: () => [head(link, t().title, t().leadSignIn(link.offer), step()), means()],
      submit: () => t().submitSignIn,
      email: link.email,
      isFixed: true,
      foot: notYours,
      then: () => decide("transfers", link.offer.transferId, { step: true, done: forgetToken, offeredBy: link.offer.offeredBy }),
    });
  }
  return showChoosing(link, {
    title: () => t().title,
    lead: () => t().lead(link.offer),
    means,
    submit: () => t().submit,
    step,
    name: () => field({ name: "name", says: texts().fields.name, autocomplete: "name", hint: t().nameHint }),
    foot: notYours,
    use: async ({ name, password }) => {
      let accepted;
      try {
        accepted = await accept(by, { password, name: name.trim() });
      } catch (error) {
        if (gotAccount(error)) return transfer({ ...link, accountExists: true, accountIsDriver: true }, by);
        throw error;
      }
      const { tokens, transferId } = accepted;
      keepSession(tokens);
      // The link is used now. If this page is loaded again, it is that of the offer, for which one signs in.
      forgetToken();
      history.replaceState(null, "", `/app/transfers/${transferId}`);
      await decide("transfers", transferId, { step: true, offeredBy: link.offer?.offeredBy });
    },
  });
}

function passwordReset(link, { token }) {
  const t = () => texts().invitation.passwordReset;
  showChoosing(link, {
    title: () => t().title,
    lead: () => t().lead,
    label: () => t().label,
    submit: () => t().submit,
    use: async ({ password }) => {
      await send("POST", "/v1/auth/password-reset/confirm", { body: { token, password } });
      forgetToken();
      showDone(() => [t().doneTitle, t().done], link.email);
    },
  });
}

// Someone confirms the address with which they will sign in; the manager of a fleet that a garage prepared also chooses
// a password.
function emailChange(link, { token }) {
  const confirm = async (values, say) => {
    await send("POST", "/v1/account/email/confirm", { body: { token, ...values } });
    forgetToken();
    showDone(() => [say().doneTitle, say().done(link.email)], link.email);
  };
  if (link.needsPassword) {
    const t = () => texts().invitation.handOver;
    return showChoosing(link, {
      title: () => t().title,
      lead: () => t().lead(garageOf(link)),
      submit: () => t().submit,
      foot: notYours,
      use: ({ password }) => confirm({ password }, t),
    });
  }
  const t = () => texts().invitation.emailChange;
  return show(() => [
    el("h1", {}, t().title),
    el("p", { class: "lead" }, t().lead),
    about(link, { hasEmail: true }),
    form({ fields: [], submit: t().submit, send: () => confirm({}, t), refused: refusedLink }),
    el("p", { class: "small" }, t().not),
  ]);
}
