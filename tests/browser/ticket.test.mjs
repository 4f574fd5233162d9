// The page of a ticket, as people see it: in both languages, on a telephone, without a script.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accessibility, openTab, startBrowser } from "./browser.mjs";
import { enterFirm, startServer } from "./server.mjs";

describe("the page of a ticket", () => {
  let browser;
  let server;
  let firm;
  before(async () => {
    browser = await startBrowser();
    server = await startServer();
    firm = await enterFirm(server);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** A ticket that was dispatched, and a page of it. */
  async function onTicket(options, story) {
    const { id, number } = await firm.report("冲床咔哒两声就停了 <b>快来</b> " + "一句长话".repeat(40));
    const { assignment } = await server.until(`/tickets/${id}`, (ticket) => ticket.state === "assigned");
    const tab = await openTab(browser, options);
    await tab.page.goto(`${server.address}/tickets/${id}`);
    await story({ id, number, owner: firm.engineer(assignment.engineer), page: tab.page });
    await server.post(`/tickets/${id}/cancel`, { words: "已恢复" });
    await tab.close();
  }

  test("says that it has gone on, and moves only when the reader wants it", async () => {
    await onTicket({ locale: "zh-CN" }, async ({ id, owner, page }) => {
      const events = page.locator("#history li[data-event]");
      const before = await events.count();
      await server.post(`/tickets/${id}/accept`, {}, `engineer:${owner.id}`);
      const news = page.locator("#news a");
      await news.waitFor({ state: "visible" });
      assert.equal(await events.count(), before);
      await news.click();
      await page.locator(`#history li[data-event=Accepted]:has-text("${owner.name} 接单")`).waitFor();
      await page.locator("main [data-ticket][data-state=working]").waitFor();
    });
  });

  test("tells why an engineer was chosen, and filters without a script", async () => {
    await onTicket({ locale: "en-GB", javaScriptEnabled: false }, async ({ owner, page }) => {
      const assigned = page.locator("li[data-event=Assigned]");
      assert.match(await assigned.innerText(), new RegExp(`Assigned to ${owner.name}: least loaded of 2 candidates`));
      const candidates = assigned.locator("table.candidates");
      assert.equal(await candidates.isVisible(), false);
      await assigned.locator("details.why summary").click();
      assert.match(await candidates.innerText(), new RegExp(owner.name));
      await page.locator("[data-filter=customer]").click();
      await page.locator("[data-filter=customer][aria-current=true]").waitFor();
      assert.deepEqual(await page.locator("li[data-event]").evaluateAll((items) => items.map((item) => item.dataset.event)), ["Created"]);
    });
  });

  test("is found by its number", async () => {
    await onTicket({ locale: "zh-CN" }, async ({ number, page }) => {
      await page.goto(server.address);
      await page.locator("#find-number").fill(number);
      await page.keyboard.press("Enter");
      await page.waitForURL(`${server.address}/tickets/${number}`);
    });
  });

  for (const [locale, colorScheme, width] of [["zh-CN", "light", 1440], ["en-GB", "dark", 1440], ["zh-CN", "dark", 390], ["en-GB", "light", 390]]) {
    test(`is for everybody: ${locale}, ${colorScheme}, ${width} wide`, async () => {
      const options = { locale, colorScheme, viewport: { width, height: 900 }, reducedMotion: "reduce" };
      await onTicket(options, async ({ page }) => {
        await page.locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
        assert.deepEqual(await accessibility(page), []);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
        assert.equal(await page.locator("main b").count(), 0, "words became a part of the page");
      });
    });
  }
});
