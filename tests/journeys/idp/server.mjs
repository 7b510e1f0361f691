// A real OpenID provider for the journeys: npm's oidc-provider with people of its own. Arguments: port, callback URL.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [port, callback, modules] = process.argv.slice(2);
const require = createRequire(path.join(modules, "here.js"));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const people = {
    ada: { name: "Ada Example", groups: ["platform"] },
    grace: { name: "Grace Example", groups: ["games"] },
    nobody: { name: "No Groups", groups: [] },
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
        {
            client_id: "callboard",
            client_secret: "journey-secret",
            redirect_uris: [callback],
            grant_types: ["authorization_code"],
            response_types: ["code"],
        },
    ],
    claims: {
        openid: ["sub"],
        profile: ["name", "preferred_username"],
        email: ["email", "email_verified"],
        groups: ["groups"],
    },
    scopes: ["openid", "profile", "email", "groups"],
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ["journey"] },
    pkce: { required: () => true },
    findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({
            sub: id,
            preferred_username: id,
            name: people[id]?.name ?? id,
            email: `${id}@example.com`,
            email_verified: true,
            groups: people[id]?.groups ?? [],
        }),
    }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
