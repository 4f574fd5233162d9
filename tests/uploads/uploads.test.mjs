// A phone on a bad line: tus-js-client, a line that is cut, a server that is killed.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import * as tus from "tus-js-client";
import { cutLine } from "./cut_line.mjs";
import { freePort, start } from "./server.mjs";

/** Numbers that look random; the same for the same seed, which a failure prints. */
function numbers(seed) {
  let state = seed >>> 0;
  return (least, most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return least + (state % (most - least));
  };
}

/** Uploads with the client; answers the reference of the last answer. */
function upload(endpoint, file, options = {}) {
  let reference;
  return new Promise((resolve, reject) => {
    const client = new tus.Upload(file, {
      endpoint: `${endpoint}/api/v1/uploads`,
      metadata: { filename: "冲床 异响.mov" },
      // It begins from the first again whenever some bytes arrived.
      retryDelays: Array(60).fill(100),
      chunkSize: 1 << 20,
      onShouldRetry: () => true,
      onAfterResponse: (_, response) => {
        reference = response.getHeader("upload-attachment") ?? reference;
      },
      onError: reject,
      onSuccess: () => resolve(JSON.parse(reference)),
      ...options,
    });
    client.start();
  });
}

async function onServer(run) {
  const data = await mkdtemp(join(tmpdir(), "paidan-uploads-"));
  const port = await freePort();
  const server = { port, running: await start(data, port) };
  server.restart = async () => {
    await server.running.kill();
    server.running = await start(data, port);
  };
  try {
    await run(server, `http://127.0.0.1:${port}`);
  } finally {
    await server.running.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** Names the reference in a report; answers the bytes that the server then has. */
async function named(address, reference) {
  const created = await fetch(`${address}/api/v1/tickets`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sentence: "异响", attachments: [reference] }),
  });
  const receipt = await created.json();
  assert.equal(created.status, 201, JSON.stringify(receipt));
  const content = `${address}/attachments/${reference.hash}/content?min_position=${receipt.position}`;
  const sent = await fetch(content);
  assert.equal(sent.status, 200);
  return Buffer.from(await sent.arrayBuffer());
}

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

test("a file arrives intact over a line that is cut at random bytes, and through the death of the server", { timeout: 120_000 }, () =>
  onServer(async (server, address) => {
    const seed = Number(process.env.SEED ?? randomBytes(4).readUInt32LE());
    const between = numbers(seed);
    const file = randomBytes(8 << 20);
    let passed = 0;
    let restarting;
    const line = await cutLine(server.port, {
      cuts: 20,
      bytes: () => between(200, 700_000),
      onBytes: (count) => {
        passed += count;
        if (passed > 3 << 20) restarting ??= server.restart();
      },
    });
    const reference = await upload(line.address, file);
    await restarting;
    assert.ok(restarting, "the server was never killed");
    assert.equal(line.left(), 0, `seed ${seed}: the line was not cut as often as it should be`);
    assert.equal(reference.bytes, file.length, `seed ${seed}`);
    assert.equal(reference.name, "冲床 异响.mov");
    assert.equal(digest(await named(address, reference)), digest(file), `seed ${seed}`);
    await line.close();
  }));

test("files of any small size arrive, also with a length that is said late and bytes with the first request", { timeout: 60_000 }, () =>
  onServer(async (_, address) => {
    for (const size of [1, 17, 4096, (1 << 20) + 1]) {
      for (const options of [{}, { uploadDataDuringCreation: true }, { uploadLengthDeferred: true }]) {
        const file = randomBytes(size);
        const given = options.uploadLengthDeferred ? Readable.from([file], { objectMode: false }) : file;
        const reference = await upload(address, given, options);
        assert.equal(digest(await named(address, reference)), digest(file), `${size}`);
      }
    }
  }));

test("an upload can be given up", { timeout: 60_000 }, () =>
  onServer(async (_, address) => {
    const begun = await new Promise((resolve, reject) => {
      const client = new tus.Upload(randomBytes(3 << 20), {
        endpoint: `${address}/api/v1/uploads`,
        chunkSize: 1 << 20,
        onChunkComplete: () => client.abort(true).then(() => resolve(client.url), reject),
        onError: reject,
      });
      client.start();
    });
    const gone = await fetch(begun, { method: "HEAD", headers: { "tus-resumable": "1.0.0" } });
    assert.equal(gone.status, 404);
  }));
