// Shows each mail that is sent, in Dutch and in English, on a phone of 320 px, in headless Chromium. Fails when a mail is wider than
// the phone, when a text in it is too small or too pale to read, when the button is missing where there is something to do, or
// when it is too small for a thumb. The mails are the snapshots of the tests (api/src/mail/snapshots).
//
//   node mails.mjs [--screenshots FOLDER]
//
//   --screenshots FOLDER   save a picture (PNG) of each mail
//
// CHROMIUM is the browser's program.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { expect, launch } from "./browser.mjs";

const PHONE = { width: 320, height: 640 };
// What can be tapped is at least so high, text is at least so large, both in px, and stands out so much from what is behind it
// (WCAG 2.2, 1.4.3).
const LEAST = { button: 44, text: 14, contrast: 4.5 };
const FOLDER = fileURLToPath(new URL("../../api/src/mail/snapshots", import.meta.url));

const { values: options } = parseArgs({ options: { screenshots: { type: "string" } } });

const mails = ["nl", "en"].flatMap((language) =>
  readdirSync(join(FOLDER, language))
    .filter((file) => file.endsWith(".html"))
    .map((file) => ({ language, name: file.replace(/\.html$/, "") })),
);

// What is wrong with a mail, as it is shown. This runs in the page.
function look(least) {
  const wrong = [];
  if (document.documentElement.scrollWidth > window.innerWidth) {
    wrong.push(`it is ${document.documentElement.scrollWidth} px wide`);
  }
  const rgba = (color) => {
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return { red, green, blue, alpha };
  };
  const luminance = ({ red, green, blue }) => {
    const [r, g, b] = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // The colour behind an element; it must be a plain one, since others cannot be computed.
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.backgroundImage !== "none") wrong.push("there is a picture behind a text");
      const color = rgba(style.backgroundColor);
      if (color.alpha === 1) return color;
      if (color.alpha !== 0) wrong.push("there is a colour behind a text that one sees through");
    }
    return rgba("rgb(255, 255, 255)");
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let characters = 0;
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    if (text === "") continue;
    characters += text.length;
    const element = texts.currentNode.parentElement;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const [one, other] = [luminance(rgba(style.color)), luminance(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (size < least.text) wrong.push(`"${text}" has ${size} px`);
    if (contrast < least.contrast) wrong.push(`"${text}" has a contrast of ${contrast.toFixed(2)}`);
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const { left, right, height } = range.getBoundingClientRect();
    if (left < 0 || right > window.innerWidth || height === 0) wrong.push(`"${text}" is not on the screen`);
  }
  if (characters < 80) wrong.push("it says nearly nothing");
  // A link that is a paragraph of its own is what one is to tap.
  const buttons = [...document.querySelectorAll("a")].filter((link) => link.textContent === link.parentElement.textContent);
  for (const button of buttons) {
    const { width, height } = button.getBoundingClientRect();
    if (height < least.button || width < least.button) wrong.push(`the button is ${width} px by ${height} px`);
  }
  const inside = document.querySelector("script, img, link, iframe, form, object");
  if (inside) wrong.push(`it has a ${inside.tagName}`);
  return { wrong, buttons: buttons.map((button) => button.href), language: document.documentElement.lang };
}

const browser = await launch();
try {
  const context = await browser.newContext({ viewport: PHONE, deviceScaleFactor: 2, isMobile: true, offline: true });
  const page = await context.newPage();
  if (options.screenshots) mkdirSync(options.screenshots, { recursive: true });
  let buttons = 0;
  for (const { language, name } of mails) {
    const read = (ending) => readFileSync(join(FOLDER, language, `${name}.${ending}`), "utf8");
    await page.setContent(read("html"));
    const seen = await page.evaluate(look, LEAST);
    // In the plain part the same link is a line by itself.
    const links = read("txt").split("\n").filter((line) => /^https:\S+$/.test(line));
    if (JSON.stringify(seen.buttons) !== JSON.stringify(links)) seen.wrong.push("its buttons are not the links of its plain part");
    if (seen.language !== language) seen.wrong.push(`its language is ${seen.language}`);
    if (options.screenshots) {
      await page.screenshot({ path: join(options.screenshots, `${language}-${name}.png`), fullPage: true });
    }
    if (seen.wrong.length > 0) throw new Error(`the mail ${language}/${name}: ${seen.wrong.join("; ")}`);
    buttons += seen.buttons.length;
  }
  expect(mails.length > 100 && buttons > 20, `${mails.length} mails, ${buttons} of them with a button, are right on a phone`);
} finally {
  await browser.close();
}
