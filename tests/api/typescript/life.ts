// One ticket's life through the generated client. Everything here is type-checked against the
// document before it runs; a field that is called otherwise does not compile.

import createClient from "openapi-fetch";
import type { components, paths } from "./paidan.js";

const [base, outlet, engineer, other] = process.argv.slice(2);
if (!base || !outlet || !engineer || !other) throw new Error("node life.js BASE OUTLET ENGINEER OTHER");
const paidan = createClient<paths>({ baseUrl: base });

type Problem = components["schemas"]["TakenByProblem"] | { type: string; detail: string };

function done<T>(what: string, answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) {
    const problem = answer.error as Problem;
    throw new Error(`${what}: ${answer.response.status} ${problem.type}: ${problem.detail}`);
  }
  return answer.data;
}

const report = await paidan.POST("/api/v1/tickets", {
  params: { header: { "Idempotency-Key": "typescript-1" } },
  body: { sentence: "冲床咔哒两声就停了", outlet },
});
const created = done("create", report);
const path = { id: created.id };

// Who gets it is the dispatcher's decision; that it has been made is waited for, within a bound.
let owner: string | undefined;
for (let tries = 0; tries < 200 && !owner; tries++) {
  const ticket = done("read", await paidan.GET("/api/v1/tickets/{id}", { params: { path } }));
  owner = ticket.assignment?.engineer;
  if (!owner) await new Promise((resume) => setTimeout(resume, 25));
}
if (!owner) throw new Error("nobody was assigned");
const loser = owner === engineer ? other : engineer;

done("accept", await paidan.POST("/api/v1/tickets/{id}/accept", { params: { path }, body: { engineer: owner } }));

const late = await paidan.POST("/api/v1/tickets/{id}/accept", { params: { path }, body: { engineer: loser } });
if (late.response.status !== 409 || late.error?.type !== "urn:paidan:problem:taken-by") {
  throw new Error(`the loser was told ${late.response.status} ${JSON.stringify(late.error)}`);
}
// Narrowed by its type: `winner` exists on this refusal only.
if (late.error.winner !== owner) throw new Error(`the winner is ${late.error.winner}`);

const acting = { engineer: owner };
done("depart", await paidan.POST("/api/v1/tickets/{id}/depart", { params: { path }, body: acting }));
done("arrive", await paidan.POST("/api/v1/tickets/{id}/arrive", { params: { path }, body: acting }));
done("resolve", await paidan.POST("/api/v1/tickets/{id}/resolve", {
  params: { path },
  body: { method: "on_site", words: "更换油管", parts: [{ code: "P-17", quantity: 1 }] },
}));
const receipt = done("confirm", await paidan.POST("/api/v1/tickets/{id}/confirm", {
  params: { path },
  body: { verdict: "satisfied", stars: 5 },
}));
if (receipt.state !== "closed") throw new Error(`it is ${receipt.state}`);

const history = done("history", await paidan.GET("/api/v1/tickets/{id}/events", { params: { path } }));
const confirmed = history.events.find((event) => event.type === "Confirmed");
if (confirmed?.type !== "Confirmed" || confirmed.data.stars !== 5) throw new Error("no answer in the history");
console.log(`${created.number} lived ${history.events.length} events through the TypeScript client`);
