// A line between browser and server that a test can cut.
import { createServer, connect } from "node:net";
import { once } from "node:events";

export async function startLine(address) {
  const { hostname, port } = new URL(address);
  const open = new Set();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect({ host: hostname, port: Number(port) });
    for (const [socket, other] of [[near, far], [far, near]]) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => { open.delete(socket); other.destroy(); });
      socket.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    cut() {
      whole = false;
      for (const socket of open) socket.destroy();
    },
    mend() { whole = true; },
    async stop() {
      this.cut();
      server.close();
      await once(server, "close");
    },
  };
}
