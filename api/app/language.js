// The language of the page: the one that was chosen with the switch, else the first that the browser asks for, else Dutch.

import { TEXTS } from "./texts.js";

const KEPT = "autopaspoort.language";

// A browser may refuse to keep anything: then the choice lasts as long as the page.
function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function asked() {
  const languages = navigator.languages?.length ? navigator.languages : [navigator.language ?? ""];
  return languages.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag in TEXTS);
}

let current = kept() in TEXTS ? kept() : (asked() ?? "nl");

// `nl` or `en`.
export const language = () => current;

export const otherLanguage = () => (current === "nl" ? "en" : "nl");

// The texts in the language of the page.
export const texts = () => TEXTS[current];

export function choose(language) {
  current = language;
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // Not kept, see above.
  }
}

const locale = () => (current === "nl" ? "nl-NL" : "en-GB");

// A moment as people say it, with the time zone that counts here: "zondag 15 maart 2026 om 10:30 CET".
export function moment(instant) {
  const parts = { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  return new Intl.DateTimeFormat(locale(), parts).format(new Date(instant));
}

// When to try again: "over 5 minuten (om 14:05)".
export function after(seconds) {
  if (seconds === null) return texts().inAMoment;
  if (seconds < 60) return texts().inSeconds(Math.max(seconds, 1));
  const time = new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" });
  const minutes = Math.ceil(seconds / 60);
  return texts().inMinutes(minutes, time.format(new Date(Date.now() + minutes * 60_000)));
}
