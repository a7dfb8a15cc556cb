// Starts Swagger UI. What signs in gives its token to the page, so that nobody has to copy it.
"use strict";

// With the demo garage alone the browser keeps the token when the page is loaded again: elsewhere it would lie readable
// in the browser's storage for whoever sits there next.
const isDemo = document.body.dataset.demo === "true";

// The access token in an answer: of signing in and refreshing it is the answer, of a mailed link a part of it.
function tokenIn(response) {
  if (!response.ok || !/\/(auth\/login|auth\/refresh|invitations\/accept)$/.test(new URL(response.url).pathname)) return null;
  try {
    const body = JSON.parse(response.text);
    return body.accessToken ?? body.tokens?.accessToken ?? null;
  } catch {
    return null;
  }
}

const ui = SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  filter: true,
  persistAuthorization: isDemo,
  responseInterceptor(response) {
    const token = tokenIn(response);
    if (token) {
      ui.preauthorizeApiKey("bearer", token);
      ui.authActions.persistAuthorizationIfNeeded();
    }
    return response;
  },
});
