// Requests to the API, and the session. Its access token is kept in this module alone: it ends with the page.

import { language } from "./language.js";

const TIMEOUT_MS = 30_000;

// An answer that is not what was asked for: a problem of the API, or no answer at all.
export class Refusal extends Error {
  constructor(code, problem = {}, retryAfter = null) {
    super(code);
    this.code = code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId;
    this.retryAfter = retryAfter;
  }

  // What the API says about a value of the body, if it says anything.
  about(name) {
    return this.errors.find((error) => error.pointer?.replace(/^#/, "") === `/${name}`);
  }
}

let session = null;

export const signedIn = () => session?.account ?? null;

export function keepSession(tokens) {
  session = { accessToken: tokens.accessToken, account: tokens.account };
}

// The page needs the session no longer. It is ended at the server too, so that nothing is left open; whether that
// succeeds makes no difference to the reader.
export function signOut() {
  if (!session) return;
  const headers = { Authorization: `Bearer ${session.accessToken}`, "Idempotency-Key": random() };
  session = null;
  fetch("/v1/auth/logout", { method: "POST", headers, keepalive: true, credentials: "omit" }).catch(() => {});
}

// `crypto.randomUUID` is not there on a page without TLS.
function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A request that had no answer gets the same key again, so that it is not done twice.
let last = { request: null, key: null };

function keyOf(request) {
  if (last.request !== request) last = { request, key: random() };
  return last.key;
}

// Sends a request, in the session if there is one, and gives the answer's body; null when it has none.
export async function send(method, path, { body, version } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": language() };
  const text = body === undefined ? undefined : JSON.stringify(body);
  if (text !== undefined) headers["Content-Type"] = "application/json";
  if (method === "POST" && path !== "/v1/invitations/preview") {
    headers["Idempotency-Key"] = keyOf([path, text, session?.account.id, version].join("\n"));
  }
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  if (session) headers.Authorization = `Bearer ${session.accessToken}`;

  const aborting = new AbortController();
  const timer = setTimeout(() => aborting.abort(), TIMEOUT_MS);
  try {
    const options = { method, headers, body: text, signal: aborting.signal, credentials: "omit", cache: "no-store" };
    const content = await read(await fetch(path, options));
    last = { request: null, key: null };
    return content;
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal("unreachable");
  } finally {
    clearTimeout(timer);
  }
}

async function read(answer) {
  const text = await answer.text();
  let body = null;
  try {
    body = text === "" ? null : JSON.parse(text);
  } catch {
    throw new Refusal("unreadable");
  }
  if (answer.ok) return body;
  const wait = parseInt(answer.headers.get("Retry-After"), 10);
  throw new Refusal(body?.code ?? "unreadable", body ?? {}, Number.isNaN(wait) ? null : wait);
}
