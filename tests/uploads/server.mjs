// The program itself, on a directory that outlives it.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const PROGRAM = process.env.PAIDAN;

/** A port that is free now. */
export async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Starts it; answers once requests are taken. */
export async function start(data, port) {
  if (!PROGRAM) throw new Error("PAIDAN names no program; start with tests/uploads/run");
  const args = ["--data", data, "serve", "--listen", `127.0.0.1:${port}`];
  const child = spawn(PROGRAM, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, PAIDAN_LOG: "error" } });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes("serves at")) break;
  }
  child.stdout.resume();
  const stop = async (signal) => {
    child.kill(signal);
    await ended;
  };
  return { kill: () => stop("SIGKILL"), stop: () => stop("SIGTERM") };
}
