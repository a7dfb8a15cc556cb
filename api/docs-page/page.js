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

// Finds tags and operations by words in any order, in capitals or not. Swagger UI itself finds tags only, as they are
// spelled. A tag that is found has all of its operations; another one has those that are found.
function find(taggedOperations, phrase) {
  const words = wordsOf(phrase);
  const isFound = (...texts) => {
    const text = texts.join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const isOperationFound = (found) =>
    isFound(found.get("method"), found.get("path"), found.getIn(["operation", "summary"]), found.getIn(["operation", "operationId"]));
  return taggedOperations
    .map((tagged, tag) =>
      isFound(tag) ? tagged : tagged.update("operations", (operations) => operations.filter(isOperationFound)))
    .filter((tagged) => tagged.get("operations").size > 0);
}

// The words of what was typed; the setting itself, which means that there is a filter, has none.
function wordsOf(filter) {
  return typeof filter === "string" && filter !== "true" ? filter.toLowerCase().split(/\s+/).filter(Boolean) : [];
}

function Finder({ React }) {
  return ({ layoutSelectors, layoutActions }) => {
    const filter = layoutSelectors.currentFilter();
    const field = React.createElement("input", {
      className: "operation-filter-input",
      type: "text",
      placeholder: "Find operations",
      "aria-label": "Find operations",
      value: typeof filter === "string" && filter !== "true" ? filter : "",
      onChange: (event) => layoutActions.updateFilter(event.target.value),
    });
    return React.createElement("div", { className: "filter-container" },
      React.createElement("section", { className: "filter wrapper" }, field));
  };
}

// What is found is shown, also of a tag that is closed.
function OpenWhenFound(Original, { React }) {
  return (props) => {
    const { layoutSelectors } = props;
    if (wordsOf(layoutSelectors.currentFilter()).length === 0) return React.createElement(Original, props);
    return React.createElement(Original, { ...props, layoutSelectors: { ...layoutSelectors, isShown: () => true } });
  };
}

const finder = (system) => ({
  fn: { opsFilter: find },
  components: { FilterContainer: Finder(system) },
  wrapComponents: { OperationTag: OpenWhenFound },
});

// Within a tag, what ends something comes after what is done with it before: first the operations by path, then completing,
// then deleting. So whoever presses Execute from top to bottom is not refused.
const order = (operation) =>
  operation.get("method") === "delete" ? 2 : operation.get("path").endsWith("/complete") ? 1 : 0;

const ui = SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  operationsSorter: (one, other) => order(one) - order(other),
  filter: true,
  plugins: [finder],
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
