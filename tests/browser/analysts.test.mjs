// What analysts see: read models and their rebuild, and the questions that are kept.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accessibility, openTab, startBrowser } from "./browser.mjs";
import { enterFirm, startServer } from "./server.mjs";

describe("analysts", () => {
  let browser;
  before(async () => { browser = await startBrowser(); });
  after(() => browser?.close());

  for (const [locale, colorScheme, viewport] of [
    ["zh-CN", "light", { width: 1440, height: 900 }],
    ["en-GB", "dark", { width: 390, height: 844 }],
  ]) {
    test(`a rebuild is begun, compared, swapped in and back with buttons: ${locale}, ${colorScheme}`, async () => {
      const server = await startServer();
      try {
        const firm = await enterFirm(server);
        await firm.report("断网");
        await server.put("/rules", { zone: "America/Los_Angeles" });
        const { page, close } = await openTab(browser, { locale, colorScheme, viewport });
        await page.goto(`${server.address}/projections`);
        await page.locator("input[name=lifecycle]").check();
        await page.locator("input[name=version]").fill("1");
        await page.locator(".begin button").click();
        const verb = (name) => page.locator(`form[action="/projections/${name}"] button`);
        await verb("swap").waitFor();
        assert.ok(await page.locator("table").count() >= 3, "models, totals and rows");
        assert.deepEqual(await accessibility(page), []);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `the page is ${wider} px wider than the screen`);
        await verb("swap").click();
        await verb("swap-back").waitFor();
        const recount = page.locator('[data-model="lifecycle"] td').first();
        assert.match(await recount.innerText(), /1/);
        await verb("swap-back").click();
        await verb("swap").waitFor();
        await verb("cancel").click();
        await page.locator(".begin button").waitFor();
        assert.deepEqual(await accessibility(page), []);
        await close();
      } finally {
        await server.stop();
      }
    });

    test(`every question can be asked and read: ${locale}, ${colorScheme}`, async () => {
      const server = await startServer();
      try {
        const firm = await enterFirm(server);
        await firm.report("断网");
        const { page, close } = await openTab(browser, { locale, colorScheme, viewport });
        await page.goto(`${server.address}/questions`);
        assert.deepEqual(await accessibility(page), []);
        const questions = await page.locator("[data-question] a").evaluateAll((links) => links.map((link) => link.href));
        assert.ok(questions.length >= 5, questions.join(" "));
        for (const question of questions) {
          await page.goto(question);
          assert.deepEqual(await accessibility(page), [], question);
          const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wider <= 0, `${question} is ${wider} px wider than the screen`);
        }
        await close();
      } finally {
        await server.stop();
      }
    });
  }
});
