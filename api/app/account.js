// Signing in, and asking for a new password.

import { keepSession, Refusal, send, signOut } from "./api.js";
import { texts } from "./language.js";
import { el, field, form, linkButton, paragraph, show } from "./view.js";

// The fields that more than one page has.
export const emailField = (attributes = {}) =>
  field({ name: "email", says: texts().fields.email, type: "email", autocomplete: "username", autocapitalize: "none", ...attributes });

export const newPasswordField = (label = texts().fields.newPassword.label) =>
  field({ name: "password", says: { ...texts().fields.newPassword, label }, type: "password", autocomplete: "new-password", hint: texts().passwordHint });

const passwordField = () => field({ name: "password", says: texts().fields.password, type: "password", autocomplete: "current-password" });

// Shows the form with which an account signs in; where the account has a second factor, also that of the code. `head`
// makes what stands above it, `then` goes on in the session. What `then` refuses is shown above the form.
export function showSignIn({ head, submit, email = "", isFixed = false, then, foot = () => [], refusal = null }, options = {}) {
  let typed = email;
  const view = (refusal) => () => {
    const t = texts();
    const told = refusal;
    refusal = null; // told once, and not again when the language changes
    return [
      head(),
      form({
        fields: [emailField({ value: typed, readonly: isFixed }), passwordField()],
        submit: submit?.() ?? t.signIn.submit,
        refusal: told,
        send: async ({ email, password }) => {
          typed = email.trim();
          await signIn({ email: typed, password });
        },
      }),
      paragraph(el("a", { href: "/app/forgot-password" }, t.signIn.forgot)),
      foot(),
    ];
  };

  async function signIn(login) {
    signOut(); // of an earlier try, after which the page could not go on
    try {
      keepSession(await send("POST", "/v1/auth/login", { body: login }));
    } catch (error) {
      if (error instanceof Refusal && error.code === "second_factor_required") return showCode(login);
      throw error;
    }
    await then();
  }

  function showCode(login, isRecovery = false) {
    show(() => {
      const t = texts();
      const says = isRecovery ? t.fields.recoveryCode : t.fields.secondFactor;
      const code = field({
        name: "secondFactor",
        says,
        autocomplete: "one-time-code",
        inputmode: isRecovery ? "text" : "numeric",
        autocapitalize: isRecovery ? "characters" : "none",
      });
      return [
        el("h1", {}, t.signIn.codeTitle),
        el("p", { class: "lead" }, isRecovery ? t.signIn.recoveryLead(login.email) : t.signIn.codeLead(login.email)),
        form({
          fields: [code],
          submit: t.signIn.codeSubmit,
          send: ({ secondFactor }) => signInWithCode(login, secondFactor),
        }),
        paragraph(linkButton(isRecovery ? t.signIn.useApp : t.signIn.useRecovery, () => showCode(login, !isRecovery))),
      ];
    });
  }

  async function signInWithCode(login, secondFactor) {
    try {
      keepSession(await send("POST", "/v1/auth/login", { body: { ...login, secondFactor: secondFactor.trim() } }));
    } catch (error) {
      // The password can have been changed meanwhile.
      if (error instanceof Refusal && error.code === "credentials_invalid") return show(view(error));
      throw error;
    }
    await then();
  }

  show(view(refusal), options);
}

// The page on which someone asks for a link to choose a new password.
export function forgotPassword() {
  show(
    () => {
      const t = texts().forgot;
      return [
        el("h1", {}, t.title),
        el("p", { class: "lead" }, t.lead),
        form({ fields: [emailField()], submit: t.submit, send: ask }),
      ];
    },
    { focus: false },
  );

  async function ask({ email }) {
    const address = email.trim();
    await send("POST", "/v1/auth/password-reset", { body: { email: address } });
    show(() => {
      const t = texts().forgot;
      return [
        el("div", { class: "tick", "aria-hidden": "true" }),
        el("h1", {}, t.doneTitle),
        el("p", { class: "lead" }, t.done(address)),
        paragraph(t.doneMore),
        paragraph(linkButton(t.again, forgotPassword)),
      ];
    });
  }
}
