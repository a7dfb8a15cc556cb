// The token of a mailed link. It stands behind the `#` of the address, so that it is sent to no server with the address.
// It is taken out of the address at once, so that the browser's history does not have it, and kept for this tab alone, so
// that the page can be loaded again, until the link was used.

const keyOf = () => `autopaspoort.link${location.pathname}`;

// The token of the page's link; null when it has none.
export function readToken() {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", location.pathname);
    keep(token);
    return token;
  }
  try {
    return sessionStorage.getItem(keyOf());
  } catch {
    return null;
  }
}

// A browser may refuse to keep anything: then the token lasts as long as the page.
function keep(token) {
  try {
    sessionStorage.setItem(keyOf(), token);
  } catch {
    // Not kept, see above.
  }
}

export function forgetToken() {
  try {
    sessionStorage.removeItem(keyOf());
  } catch {
    // Nothing was kept, see above.
  }
}
