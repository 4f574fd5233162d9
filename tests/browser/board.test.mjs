// The board, as people see it: live, in both languages, for everybody.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accessibility, openTab, startBrowser } from "./browser.mjs";
import { startLine } from "./line.mjs";
import { enterFirm, startServer } from "./server.mjs";

const TWO_HOURS_S = 2 * 60 * 60 + 60;
const A_DAY_S = 24 * 60 * 60 + 60;

describe("the board", () => {
  let browser;
  before(async () => { browser = await startBrowser(); });
  after(() => browser?.close());

  /** Runs a story on a board that is open from the beginning and never loaded again. */
  async function onBoard(options, story) {
    const server = await startServer();
    try {
      const firm = await enterFirm(server);
      const tab = await openTab(browser, options);
      await tab.page.goto(server.address);
      await tab.page.locator("#connection[data-state=live]").waitFor();
      let loads = 0;
      tab.page.on("framenavigated", () => { loads += 1; });
      await story({ server, firm, page: tab.page });
      assert.equal(loads, 0, "the page was loaded again");
      await tab.close();
    } finally {
      await server.stop();
    }
  }

  const row = (page, id) => page.locator(`#queue [data-ticket="${id}"]`);
  const counter = (page, name) => page.locator(`[data-counter="${name}"]`);

  test("a ticket appears, turns red, is accepted and done, without a reload", async () => {
    await onBoard({ locale: "zh-CN" }, async ({ server, firm, page }) => {
      const { id, number } = await firm.report("冲床咔哒两声就停了", { priority: "high" });
      await row(page, id).waitFor();
      assert.match(await row(page, id).innerText(), new RegExp(number));
      await page.locator(`#queue [data-ticket="${id}"][data-state=assigned]`).waitFor();

      await server.advance(TWO_HOURS_S);
      await page.locator(`#top [data-ticket="${id}"][data-attention~=red]`).waitFor();
      assert.match(await page.locator(`#top [data-ticket="${id}"]`).innerText(), /未接单/);
      await page.locator('[data-counter="red"]:text-is("1")').waitFor();

      const { assignment } = await server.until(`/tickets/${id}`, (ticket) => ticket.state === "assigned");
      const owner = firm.engineer(assignment.engineer);
      await server.post(`/tickets/${id}/accept`, {}, `engineer:${owner.id}`);
      await page.locator(`#top [data-ticket="${id}"][data-state=working]:not([data-attention~=red])`).waitFor();
      assert.match(await page.locator(`#top [data-ticket="${id}"]`).innerText(), new RegExp(owner.name));
      await page.locator('[data-counter="red"]:text-is("0")').waitFor();

      await server.post(`/tickets/${id}/resolve`, { method: "on_site" }, `engineer:${owner.id}`);
      await page.locator(`#top [data-ticket="${id}"]`).waitFor({ state: "detached" });
      await page.locator('[data-counter="backlog"]:text-is("0")').waitFor();
    });
  });

  test("a ticket that is not done after a day flashes, with words and not by motion alone", async () => {
    await onBoard({ locale: "en-GB", reducedMotion: "reduce" }, async ({ server, firm, page }) => {
      const { id } = await firm.report("服务器宕机");
      const { assignment } = await server.until(`/tickets/${id}`, (ticket) => ticket.state === "assigned");
      await server.post(`/tickets/${id}/accept`, {}, `engineer:${assignment.engineer}`);
      await server.advance(A_DAY_S);
      const flashing = page.locator(`#top [data-ticket="${id}"][data-attention~=flashing]`);
      await flashing.waitFor();
      assert.match(await flashing.innerText(), /24 h/);
      const running = await flashing.evaluate((node) =>
        node.getAnimations({ subtree: true }).filter((animation) => animation.playState === "running").length);
      assert.equal(running, 0, "something moves although the reader asked for less motion");
    });
  });

  test("the list does not move under the pointer", async () => {
    await onBoard({ locale: "zh-CN" }, async ({ server, firm, page }) => {
      const first = await firm.report("打印机卡纸");
      await row(page, first.id).waitFor();
      await row(page, first.id).hover();
      const place = await row(page, first.id).boundingBox();
      // More urgent than the first, so its place is above it.
      const second = await firm.report("冷库停机", { priority: "critical", urgent: true });
      await server.until(`/tickets/${second.id}`, (ticket) => ticket.state !== "waiting");
      await page.locator("#queue [data-pending]").waitFor();
      assert.equal(await row(page, second.id).count(), 0);
      assert.deepEqual(await row(page, first.id).boundingBox(), place);
      await page.mouse.move(2, 2);
      await row(page, second.id).waitFor();
      await page.locator("#queue [data-pending]").waitFor({ state: "hidden" });
    });
  });

  test("a board whose line was cut says so, comes back by itself and is up to date", async () => {
    const server = await startServer();
    const firm = await enterFirm(server);
    const line = await startLine(server.address);
    const tab = await openTab(browser, { locale: "zh-CN" });
    await tab.page.goto(line.address);
    await tab.page.locator("#connection[data-state=live]").waitFor();
    line.cut();
    await tab.page.locator("#connection[data-state=waiting]").waitFor();
    const { id } = await firm.report("门禁坏了");
    line.mend();
    await row(tab.page, id).waitFor();
    await tab.page.locator("#connection[data-state=live]").waitFor();
    // The browser complains of the line that the test cut, and of nothing else.
    const others = tab.complaints.filter((complaint) => !/ERR_(EMPTY_RESPONSE|INCOMPLETE|CONNECTION)|SSE|fetch/i.test(complaint));
    assert.deepEqual(others, []);
    tab.complaints.length = 0;
    await tab.close();
    await line.stop();
    await server.stop();
  });

  for (const [locale, title] of [["zh-CN", "实时作战看板"], ["en-GB", "Live board"]]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const [size, viewport] of [["desktop", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
        test(`axe-core finds nothing: ${locale}, ${colorScheme}, ${size}`, async () => {
          await onBoard({ locale, colorScheme, viewport }, async ({ server, firm, page }) => {
            assert.equal(await page.locator("h1").innerText(), title);
            const red = await firm.report("冲床停了");
            const done = await firm.report("断网");
            const { assignment } = await server.until(`/tickets/${done.id}`, (ticket) => ticket.state === "assigned");
            await server.post(`/tickets/${done.id}/accept`, {}, `engineer:${assignment.engineer}`);
            await server.post(`/tickets/${done.id}/resolve`, { method: "on_site" }, `engineer:${assignment.engineer}`);
            await server.post(`/tickets/${done.id}/reject`, { stars: 1 });
            await server.advance(TWO_HOURS_S);
            await page.locator(`#top [data-ticket="${red.id}"][data-attention~=red]`).waitFor();
            assert.deepEqual(await accessibility(page), []);
            const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wider <= 0, `the page is ${wider} px wider than the screen`);
            const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
            const darkness = Number(background.match(/\d+/)[0]) < 128;
            assert.equal(darkness, colorScheme === "dark");
          });
        });
      }
    }
  }

  test("the switch of language keeps the reader on the same page", async () => {
    const server = await startServer();
    const tab = await openTab(browser, { locale: "zh-CN" });
    await tab.page.goto(server.address);
    await tab.page.getByRole("link", { name: "English" }).click();
    await tab.page.locator("html[lang=en]").waitFor();
    assert.equal(new URL(tab.page.url()).pathname, "/");
    assert.equal(await tab.page.locator("h1").innerText(), "Live board");
    await tab.close();
    await server.stop();
  });
});
