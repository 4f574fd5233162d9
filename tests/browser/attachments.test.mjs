// What was attached to a ticket, as people see it, and what a lost file looks like.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accessibility, openTab, startBrowser } from "./browser.mjs";
import { drawn, wav } from "./media.mjs";
import { enterFirm, startServer } from "./server.mjs";

const SCRIPT = "<script>document.title = 'it ran'</script>";
const LONG = "冲床液压站压力表和漏油点的照片".repeat(4) + ".txt";
// Longer than what a browser reads ahead.
const SECONDS = 900;

describe("the gallery of a ticket", () => {
  let browser, server, firm, ticket, by;
  const files = {};
  before(async () => {
    browser = await startBrowser();
    server = await startServer();
    firm = await enterFirm(server);
    by = `engineer:${firm.engineers[0].id}`;
    const { photo, video } = await drawn(browser);
    const bytes = {
      "photo.jpg": photo,
      "gone.jpg": Buffer.concat([photo, Buffer.from("gone")]),
      "clip.webm": video,
      "tone.wav": wav(SECONDS),
      "page.html": `<!doctype html><title>page</title>${SCRIPT}`,
      "drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`,
      "face.jpg": Buffer.concat([photo, Buffer.from("face")]),
      [LONG]: "long",
    };
    for (const [name, body] of Object.entries(bytes)) files[name] = await server.upload(name, body, by);
    ticket = (await firm.report("冲床漏油", { attachments: Object.values(files) })).id;
    await server.post(`/tickets/${ticket}/remove-attachment`, { hash: files["face.jpg"].hash, words: "拍到了人脸" });
    await server.lose(files["gone.jpg"].hash);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function onTicket(options, story) {
    const tab = await openTab(browser, { locale: "en-GB", ...options });
    await tab.page.goto(`${server.address}/tickets/${ticket}`);
    const tile = (name) => tab.page.locator(`[data-attachment="${files[name].hash}"]`);
    await story({ page: tab.page, tile, complaints: tab.complaints });
    await tab.close();
  }

  for (const [locale, colorScheme, width] of [["zh-CN", "light", 1280], ["en-GB", "dark", 1280], ["zh-CN", "dark", 390], ["en-GB", "light", 390]]) {
    test(`is for everybody: ${locale}, ${colorScheme}, ${width} wide`, async () => {
      await onTicket({ locale, colorScheme, viewport: { width, height: 900 } }, async ({ page }) => {
        assert.deepEqual(await accessibility(page), []);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
        const cut = await page.locator("#attachments").evaluate((gallery) =>
          [...gallery.querySelectorAll("p, span, a")].filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0
            || node.scrollHeight > node.clientHeight + 1 && node.clientHeight > 0).map((node) => node.outerHTML));
        assert.deepEqual(cut, []);
      });
    });
  }

  test("shows photos whole, and a sign where a photo cannot be drawn", async () => {
    await onTicket({}, async ({ page, tile }) => {
      const photo = tile("photo.jpg").locator("img");
      await photo.scrollIntoViewIfNeeded();
      await page.waitForFunction((node) => node.naturalWidth > 0, await photo.elementHandle());
      const [face, shown] = [await tile("photo.jpg").locator(".tile-face").boundingBox(), await photo.boundingBox()];
      assert.ok(shown.height <= face.height && shown.width <= face.width, "a part of it is outside its place");
      await page.route("**/thumbnail?*", (route) => route.fulfill({ contentType: "image/webp", body: "no picture" }));
      await page.reload();
      await tile("photo.jpg").scrollIntoViewIfNeeded();
      await photo.waitFor({ state: "detached" });
      assert.ok(await tile("photo.jpg").locator("svg").isVisible());
    });
  });

  test("a missing file is told with name, size, hash, who and when, and the page works", async () => {
    await onTicket({}, async ({ page, tile }) => {
      const told = await tile("gone.jpg").innerText();
      const { hash, bytes } = files["gone.jpg"];
      for (const words of ["Its bytes are missing", "gone.jpg", (bytes / 1000).toFixed(1), hash, firm.engineers[0].name, "09:00"]) {
        assert.ok(told.includes(words), `${words} is not in ${told}`);
      }
      assert.equal(await tile("gone.jpg").locator("a, img").count(), 0);
      assert.match(await tile("face.jpg").innerText(), /Taken out of view/);
      await page.locator("[data-filter=customer]").click();
      await page.locator("[data-filter=customer][aria-current=true]").waitFor();
    });
  });

  for (const name of ["page.html", "drawing.svg"]) {
    test(`${name} is saved and never runs`, async () => {
      await onTicket({}, async ({ page, tile, complaints }) => {
        const [download] = await Promise.all([page.waitForEvent("download"), tile(name).locator("a").click()]);
        assert.equal(download.suggestedFilename(), name);
        assert.doesNotMatch(await page.title(), /it ran/);
        // Nor in a browser that would show it as what it is.
        const address = `${server.address}/attachments/${files[name].hash}/content`;
        await page.route(address, async (route) => {
          const response = await route.fetch();
          const { "content-disposition": _, ...headers } = response.headers();
          const type = name.endsWith("svg") ? "image/svg+xml" : "text/html";
          await route.fulfill({ response, headers: { ...headers, "content-type": type } });
        });
        await page.goto(address);
        assert.match(await page.content(), /document\.title/);
        assert.doesNotMatch(await page.title(), /it ran/);
        assert.ok(complaints.some((line) => /sandbox/.test(line)), "nothing kept it from running");
        complaints.length = 0;
      });
    });
  }

  test("a recording plays from where the reader wants it, without all that comes before", async () => {
    await onTicket({}, async ({ page, tile }) => {
      const ranges = [];
      page.on("response", (response) => {
        const range = response.headers()["content-range"];
        if (response.url().includes(files["tone.wav"].hash) && range) ranges.push(Number(range.match(/\d+/)[0]));
      });
      const at = await tile("tone.wav").locator("audio").evaluate(seek, 800);
      assert.ok(Math.abs(at - 800) < 1, `${at} instead of 800`);
      assert.ok(ranges.some((start) => start > 12_000_000), `only asked for bytes from ${ranges} on`);
      const clip = await tile("clip.webm").locator("video").evaluate(seek, 0.3);
      assert.ok(Math.abs(clip - 0.3) < 0.1, `${clip} instead of 0.3`);
    });
  });

  test("shows the first files, and more without a script", async () => {
    const more = await Promise.all([...Array(8).keys()].map((number) => server.upload(`${number}.txt`, `${number}`, by)));
    await onTicket({ javaScriptEnabled: false }, async ({ page }) => {
      assert.equal(await page.locator(".tile").count(), 8);
      await server.post(`/tickets/${ticket}/note`, { words: "更多", attachments: more }, by);
      await page.reload();
      assert.equal(await page.locator(".tile").count(), 12);
      await page.locator("[data-more]").click();
      assert.equal(await page.locator(".tile").count(), 16);
      assert.equal(await page.locator("[data-more]").count(), 0);
      assert.match(page.url(), /#file-13$/);
    });
  });

  test("the board shows a loss as soon as an audit found it", async () => {
    const tabs = await Promise.all(["zh-CN", "en-GB"].map((locale) => openTab(browser, { locale, viewport: { width: 390, height: 900 } })));
    for (const { page } of tabs) {
      await page.goto(server.address);
      await page.locator("#connection[data-state=live]").waitFor();
      assert.equal(await page.locator(".attachments-lost").count(), 0);
    }
    await server.set("2026-03-03T03:00:01+08:00");
    for (const [place, words] of [/1 个附件缺失或损坏，请运行 paidan audit/, /1 attachment is missing or damaged: run paidan audit/].entries()) {
      const { page } = tabs[place];
      await page.locator(".attachments-lost").waitFor();
      assert.match(await page.locator(".attachments-lost").innerText(), words);
      assert.deepEqual(await accessibility(page), []);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
    }
    for (const tab of tabs) await tab.close();
  });
});

/** Plays a little, goes to a moment, and says where it is then. */
async function seek(player, seconds) {
  player.muted = true;
  await player.play();
  player.pause();
  const there = new Promise((resolve, reject) => {
    player.addEventListener("seeked", resolve);
    player.addEventListener("error", () => reject(new Error(player.error.message)));
  });
  player.currentTime = seconds;
  await there;
  return player.currentTime;
}
