// openapi-typescript's types with openapi-fetch: a garage's adviser at work. Compiled strictly, and run against a server.
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";
import { car, email, lines, password, same, shown, step, url } from "./steps.js";

type Passport = components["schemas"]["Passport"];
type Problem = components["schemas"]["Problem"];

function advice(problem: Problem): string {
  const code: string = problem.code;
  switch (code) {
    case "precondition_failed":
      return "load it again";
    case "invalid_request":
      return (problem.errors ?? []).map((one) => `${one.pointer ?? ""} ${one.detail}`).join(", ");
    default:
      return problem.detail;
  }
}

const api = createClient<paths>({ baseUrl: url });

await step("signs in", async () => {
  const { data, error } = await api.POST("/auth/login", { body: { email, password } });
  if (error !== undefined) throw new Error(advice(error));
  same(data.account.kind, "staff");
  api.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${data.accessToken}`);
      return request;
    },
  });
});

await step("lists passports, page after page", async () => {
  const { data, error } = await api.GET("/passports", { params: { query: { limit: 2 } } });
  if (error !== undefined) throw new Error(advice(error));
  const [first]: Passport[] = data.items;
  if (first === undefined || data.nextCursor == null) throw new Error("more than two passports were expected");
  same(shown(first), "in use");
  const following = await api.GET("/passports", { params: { query: { limit: 2, cursor: data.nextCursor } } });
  same(following.data?.items.some((one) => one.id === first.id), false);
});

const [id, etag] = await step("makes a passport, and gets it with its ETag", async () => {
  const made = await api.POST("/passports", { params: { header: { "Idempotency-Key": randomUUID() } }, body: car("T TS 1", "Thea Types") });
  if (made.error !== undefined) throw new Error(advice(made.error));
  const found = await api.GET("/passports/{id}", { params: { path: { id: made.data.id } } });
  same(found.data?.make, "Volkswagen");
  return [made.data.id, found.response.headers.get("ETag") ?? ""] as const;
});

await step("changes one property with If-Match, and clears another", async () => {
  const { data, error } = await api.PATCH("/passports/{id}", {
    params: { path: { id }, header: { "If-Match": etag } },
    body: { model: "Transporter", make: null },
  });
  if (error !== undefined) throw new Error(advice(error));
  same([data.model, data.make, data.year], ["Transporter", null, 2013]);
});

await step("is told of a change in between", async () => {
  const { error, response } = await api.PATCH("/passports/{id}", {
    params: { path: { id }, header: { "If-Match": etag } },
    body: { model: "Caddy" },
  });
  same([response.status, error?.code, error && advice(error)], [412, "precondition_failed", "load it again"]);
});

await step("imports lines", async () => {
  const { data, error } = await api.POST("/passport-imports", {
    body: lines(car("T TS 2", "Thea Types"), car("T TS 3", "Thea Types"), { make: "Opel" }),
    bodySerializer: (body) => body,
    headers: { "Content-Type": "application/x-ndjson" },
  });
  if (error !== undefined) throw new Error(advice(error));
  same([data.made, data.refused, data.refusedLines[0]?.problem.code], [2, 1, "invalid_request"]);
});
