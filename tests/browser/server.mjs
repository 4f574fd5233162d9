// A server for a test: the real wiring on a clock that the test sets, and a client of its API.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const PROGRAM = process.env.PAIDAN_CLOCKED_SERVER;

/** The server on an empty log, at nine on a Monday morning in Shanghai. */
export async function startServer() {
  if (!PROGRAM) throw new Error("PAIDAN_CLOCKED_SERVER names no program; start with tests/browser/run");
  const child = spawn(PROGRAM, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the server ended");
    return value;
  };
  const address = await next();
  const say = async (command) => {
    child.stdin.write(`${command}\n`);
    const answer = await next();
    if (answer.startsWith("cannot")) throw new Error(answer);
    return answer;
  };
  return {
    address,
    now: () => say("now"),
    set: (moment) => say(`set ${moment}`),
    /** Lets so many seconds pass at once. */
    advance: (seconds) => say(`advance ${seconds}`),
    /** Takes away the bytes of an attachment, as a failing disk would. */
    lose: (hash) => say(`lose ${hash}`),
    ...client(address),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      const code = await ended;
      if (code !== 0) throw new Error(`the server ended with ${code}`);
    },
  };
}

/** What a test asks of the API; anything but a yes is an error. */
export function client(address) {
  const send = async (method, path, body, headers = {}) => {
    const response = await fetch(`${address}/api/v1${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const as = (actor) => (actor ? { "paidan-actor": actor } : {});
  return {
    get: (path) => send("GET", path),
    put: (path, body) => send("PUT", path, body),
    post: (path, body = {}, actor) => send("POST", path, body, as(actor)),
    /** Uploads a file; answers what commands name it by. */
    async upload(name, body, actor) {
      const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
      const headers = { "content-type": "application/octet-stream", "content-disposition": disposition, ...as(actor) };
      const response = await fetch(`${address}/api/v1/attachments`, { method: "PUT", headers, body });
      if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    /** Asks until the answer is what is waited for; five seconds of a busy machine at most. */
    async until(path, wanted) {
      const last = Date.now() + 5_000;
      for (;;) {
        const answer = await send("GET", path);
        if (wanted(answer)) return answer;
        if (Date.now() > last) throw new Error(`${path} stays ${JSON.stringify(answer)}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** An outlet in an area, and engineers on duty there. */
export async function enterFirm(server, engineers = 2) {
  const area = await server.put("/areas/east", { name: "东区" });
  const outlet = await server.put("/outlets/pudong", { name: "浦东网点", area: area.id });
  const people = [];
  for (let number = 1; number <= engineers; number += 1) {
    const name = ["王工", "李工", "张工", "陈工"][number - 1] ?? `工程师${number}`;
    const person = await server.put(`/engineers/E${number}`, { name, outlet: outlet.id, capacity: 3 });
    await server.post(`/engineers/E${number}/on-duty`);
    people.push({ code: `E${number}`, id: person.id, name });
  }
  return {
    outlet: outlet.id,
    engineers: people,
    report: (sentence, more = {}) => server.post("/tickets", { sentence, outlet: outlet.id, ...more }),
    engineer: (id) => people.find((person) => person.id === id),
  };
}
