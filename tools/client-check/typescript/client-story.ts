// openapi-generator's typescript-fetch client: a garage's adviser at work. Compiled strictly, and run against a server.
import { randomUUID } from "node:crypto";
import {
  AuthApi,
  Configuration,
  PassportsApi,
  ProblemFromJSON,
  ResponseError,
  type Passport,
  type Problem,
} from "./client/index.js";
import { car, email, lines, password, same, shown, step, url } from "./steps.js";

async function refused(call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ResponseError) return ProblemFromJSON(await error.response.json());
    throw error;
  }
  throw new Error("a problem was expected");
}

let token = "";
const configuration = new Configuration({ basePath: url, accessToken: () => token });
const passports = new PassportsApi(configuration);

await step("signs in", async () => {
  const tokens = await new AuthApi(configuration).login({ login: { email, password } });
  same(tokens.account.kind, "staff");
  token = tokens.accessToken;
});

await step("lists passports, page after page", async () => {
  const page = await passports.listPassports({ limit: 2 });
  const [first]: Passport[] = page.items;
  if (first === undefined || page.nextCursor == null) throw new Error("more than two passports were expected");
  same(shown(first), "in use");
  const following = await passports.listPassports({ limit: 2, cursor: page.nextCursor });
  same(following.items.some((one) => one.id === first.id), false);
});

const [id, etag] = await step("makes a passport, and gets it with its ETag", async () => {
  const made = await passports.createPassport({ newPassport: car("T TF 1", "Frits Fetch"), idempotencyKey: randomUUID() });
  const found = await passports.getPassportRaw({ id: made.id });
  same((await found.value()).make, "Volkswagen");
  return [made.id, found.raw.headers.get("ETag") ?? ""] as const;
});

await step("changes one property with If-Match, and clears another", async () => {
  const changed = await passports.updatePassport({ id, ifMatch: etag, updatePassport: { model: "Transporter", make: null } });
  same([changed.model, changed.make, changed.year], ["Transporter", null, 2013]);
});

await step("is told of a change in between", async () => {
  const problem = await refused(passports.updatePassport({ id, ifMatch: etag, updatePassport: { model: "Caddy" } }));
  same([problem.status, problem.code], [412, "precondition_failed"]);
});

await step("imports lines", async () => {
  const body = new Blob([lines(car("T TF 2", "Frits Fetch"), car("T TF 3", "Frits Fetch"), { make: "Opel" })]);
  const result = await passports.importPassports({ body });
  same([result.made, result.refused, result.refusedLines[0]?.problem.code], [2, 1, "invalid_request"]);
});
