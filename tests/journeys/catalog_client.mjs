// Backstage's own catalog client against a portal: one named call a line on stdin, its result on stdout.
import readline from "node:readline";
import { createRequire } from "node:module";

const { CatalogClient } = createRequire(import.meta.url)("@backstage/catalog-client");
const [base, token] = process.argv.slice(2);
const client = new CatalogClient({ discoveryApi: { getBaseUrl: async (plugin) => `${base}/api/${plugin}` } });
const own = Object.getOwnPropertyNames(CatalogClient.prototype);

async function call({ method, args }) {
  if (method === "methods") return own.filter((name) => name !== "constructor");
  const found = client[method](...args, { token });
  if (found?.[Symbol.asyncIterator]) {
    const pages = [];
    for await (const page of found) pages.push(page);
    return pages;
  }
  return await found;
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { result: (await call(JSON.parse(line))) ?? null };
  } catch (error) {
    answer = { error: error.name, status: error.statusCode ?? error.response?.status, message: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
