// OpenAI's npm SDK against Backburner: every call that a response has. Run by test_openai_sdk.py.
import assert from "node:assert/strict";
import OpenAI from "openai";

const client = new OpenAI({ apiKey: "sk-any" });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function ended(id) {
  for (;;) {
    const response = await client.responses.retrieve(id);
    if (!["queued", "in_progress"].includes(response.status)) return response;
    await sleep(50);
  }
}

const made = await client.responses.create({ model: process.env.MODEL, input: "Why?", background: true });
const response = await ended(made.id);
assert.equal(response.status, "completed");
assert.ok(response.output_text);
const items = [];
for await (const item of client.responses.inputItems.list(made.id)) items.push(item);
assert.equal(items[0].content[0].text, "Why?");

const held = await client.responses.create({ input: "Why, again?" });
assert.ok(held.output_text);

const stream = client.responses.stream({ input: "Why, in pieces?" });
let text = "";
for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
assert.equal(text, (await stream.finalResponse()).output_text);

const long = await client.responses.create({ input: "[simulate: takes 600 s]", background: true });
assert.equal((await client.responses.cancel(long.id)).status, "cancelled");
await client.responses.delete(long.id);

await assert.rejects(
  client.responses.create({ input: "Why?", background: true, store: true }),
  (error) => error instanceof OpenAI.BadRequestError && error.param === "store",
);
await assert.rejects(client.responses.retrieve("resp_none"), OpenAI.NotFoundError);
console.log("ok");
