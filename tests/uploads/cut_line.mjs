// A line to the server that breaks after so many bytes, as often as it is told.
import { connect, createServer } from "node:net";

/** Listens on a free port and hands on to `port` of this machine. */
export async function cutLine(port, { cuts, bytes, onBytes = () => {} }) {
  let left = cuts;
  const proxy = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    let until = left > 0 ? bytes() : Infinity;
    const end = () => {
      client.destroy();
      server.destroy();
    };
    client.on("data", (piece) => {
      onBytes(piece.length);
      if (piece.length > until) {
        left -= 1;
        // What is before the cut still arrives.
        server.write(piece.subarray(0, until), end);
        client.pause();
        until = Infinity;
        return;
      }
      until -= piece.length;
      if (!server.write(piece)) {
        client.pause();
        server.once("drain", () => client.resume());
      }
    });
    server.pipe(client);
    for (const side of [client, server]) {
      side.on("error", end);
      side.on("close", end);
    }
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${proxy.address().port}`,
    left: () => left,
    close: () => new Promise((resolve) => proxy.close(resolve)),
  };
}
