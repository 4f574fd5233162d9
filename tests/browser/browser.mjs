// Debian's Chromium, and what a test expects of every page.
import { accessSync, constants } from "node:fs";
import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export async function startBrowser() {
  accessSync(CHROMIUM, constants.X_OK);
  return chromium.launch({
    executablePath: CHROMIUM,
    // Without a network of its own it must not look for one.
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A tab whose every complaint is kept: console errors, script errors, requests that fail. */
export async function openTab(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  // A bound for a busy machine; nothing is expected to come near it.
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A stream ends with the page that reads it.
    const cause = request.failure()?.errorText;
    if (cause !== "net::ERR_ABORTED") complaints.push(`request: ${request.url()} ${cause}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`answer: ${response.status()} ${response.url()}`);
  });
  return {
    page,
    complaints,
    async close() {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

/** What axe-core finds, as short lines; none are expected. */
export async function accessibility(page) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
