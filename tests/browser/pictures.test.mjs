// Pictures of the demo as people see it: the same seed at the same moment of its story. They go to
// target/pictures; `tests/browser/pictures` puts them where README and docs show them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { openTab, startBrowser } from "./browser.mjs";

const DIRECTORY = process.env.PAIDAN_PICTURES ?? new URL("../../target/pictures/", import.meta.url).pathname;

describe("pictures of the demo", () => {
  let browser, demo, address;

  before(async () => {
    await mkdir(DIRECTORY, { recursive: true });
    browser = await startBrowser();
    // At its own pace from half past ten on, so that the pictures are of one moment.
    demo = spawn(process.env.PAIDAN, ["serve", "--demo", "--listen", "127.0.0.1:0", "--speed", "1"],
      { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: demo.stdout })) {
      address ??= line.match(/http:\/\/\S+/)?.[0];
      if (line.startsWith("From here on")) break;
    }
  });
  after(async () => {
    await browser?.close();
    if (demo) {
      const ended = once(demo, "exit");
      demo.kill("SIGINT");
      assert.deepEqual(await ended, [0, null], "the demo did not stop cleanly");
    }
  });

  for (const [name, options] of [
    ["zh-light", { locale: "zh-CN", colorScheme: "light", viewport: { width: 1440, height: 900 } }],
    ["en-dark", { locale: "en-GB", colorScheme: "dark", viewport: { width: 1440, height: 900 } }],
    ["zh-phone", { locale: "zh-CN", colorScheme: "light", viewport: { width: 390, height: 844 } }],
  ]) {
    test(`${name}: a board with something in every part, and a ticket`, async () => {
      const tab = await openTab(browser, options);
      const picture = async (what, fullPage) => {
        const path = `${DIRECTORY}/${what}-${name}.png`;
        await tab.page.screenshot({ path, fullPage });
        assert.ok((await stat(path)).size > 20_000, `${path} shows next to nothing`);
      };
      await tab.page.goto(address);
      await tab.page.locator("#connection[data-state=live]").waitFor();
      for (const part of ["#top [data-attention~=red]", "#top [data-attention~=flashing]", "#queue [data-ticket]"]) {
        assert.ok(await tab.page.locator(part).count() > 0, `there is no ${part}`);
      }
      await picture("board", name !== "zh-phone");
      await tab.page.locator('#top [data-state=working] a[href^="/tickets/"]').first().click();
      await tab.page.locator("li[data-event=Assigned] details").first().locator("summary").click();
      await picture("ticket", false);
      await tab.close();
    });
  }
});
