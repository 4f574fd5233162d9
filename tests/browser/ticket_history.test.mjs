// The history on the page of a ticket: each event once, what people said as text.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openTab, startBrowser } from "./browser.mjs";
import { enterFirm, startServer } from "./server.mjs";

const SENTENCE = `冲床"咔哒"两声就停了 <img src=x onerror=alert(1)>`;

describe("the history of a ticket", () => {
  let browser, server, ticket, owner;

  before(async () => {
    [browser, server] = await Promise.all([startBrowser(), startServer()]);
    const firm = await enterFirm(server);
    ticket = await firm.report(SENTENCE, { priority: "high", contact_name: "老李", contact_phone: "13800000000" });
    const { assignment } = await server.until(`/tickets/${ticket.id}`, (now) => now.state === "assigned");
    owner = firm.engineer(assignment.engineer);
    for (const verb of ["accept", "depart", "arrive"]) {
      await server.post(`/tickets/${ticket.id}/${verb}`, {}, `engineer:${owner.id}`);
      await server.advance(300);
    }
    await server.post(`/tickets/${ticket.id}/resolve`, { method: "on_site", words: "换了传感器" }, `engineer:${owner.id}`);
    await server.post(`/tickets/${ticket.id}/reject`, { words: "还是不行", stars: 2 });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("every event stands there once, and what people said is text", async () => {
    const tab = await openTab(browser, { locale: "zh-CN" });
    await tab.page.goto(`${server.address}/tickets/${ticket.id}`);
    const { events } = await server.get(`/tickets/${ticket.id}/events?limit=100`);
    const shown = await tab.page.locator("li[data-event]").evaluateAll((items) =>
      items.map((item) => [item.id, item.dataset.event]));
    const told = events.map((event) => [`p${event.position}`, event.type]);
    assert.deepEqual(shown.toSorted(), told.toSorted());
    const text = await tab.page.locator("main").innerText();
    for (const words of [SENTENCE, "换了传感器", "还是不行", owner.name]) assert.ok(text.includes(words), words);
    assert.equal(await tab.page.locator("main img").count(), 0);
    await tab.close();
  });

  test("the whole history can be gone through with the keyboard", async () => {
    const tab = await openTab(browser, { locale: "en-GB" });
    await tab.page.goto(`${server.address}/tickets/${ticket.id}`);
    const reasons = tab.page.locator('li[data-event="Assigned"] details');
    assert.ok(await reasons.count() > 0, "no reason is shown for an assignment");
    await reasons.first().locator("summary").focus();
    await tab.page.keyboard.press("Enter");
    assert.equal(await reasons.first().evaluate((node) => node.open), true);
    await tab.close();
  });

  test("an address without a page is said in the reader's language", async () => {
    for (const [locale, words] of [["zh-CN", "没有这个页面"], ["en-GB", "No such page"]]) {
      const tab = await openTab(browser, { locale });
      const answer = await tab.page.goto(`${server.address}/tickets/${ticket.id.slice(0, -2)}zz`);
      assert.equal(answer.status(), 404);
      assert.equal(await tab.page.locator("h1").innerText(), words);
      tab.complaints.length = 0;
      await tab.close();
    }
  });
});
