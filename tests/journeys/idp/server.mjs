// A real OpenID provider for the journeys: npm's oidc-provider with people of its own.
// Arguments: port, address of the portal, node_modules.
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { changed, people } from "./people.mjs";

const [port, portal, modules] = process.argv.slice(2);
const require = createRequire(path.join(modules, "here.js"));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
        {
            client_id: "callboard",
            client_secret: "journey-secret",
            redirect_uris: [`${portal}/accounts/oidc/oidc/login/callback/`],
            post_logout_redirect_uris: [`${portal}/accounts/login/`],
            backchannel_logout_uri: `${portal}/accounts/oidc/oidc/logout/`,
            backchannel_logout_session_required: true,
            grant_types: ["authorization_code", "refresh_token"],
            response_types: ["code"],
        },
    ],
    claims: {
        openid: ["sub"],
        profile: ["name", "preferred_username"],
        email: ["email", "email_verified"],
        groups: ["groups"],
    },
    scopes: ["openid", "profile", "email", "groups", "offline_access"],
    features: {
        devInteractions: { enabled: true },
        rpInitiatedLogout: { enabled: true },
        backchannelLogout: { enabled: true },
    },
    // Most providers give refresh tokens without asking people for their consent each time.
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    // Its own guard refuses loopback addresses, where the portal of the journeys is.
    fetch: (url, options) => globalThis.fetch(url, { ...options, dispatcher: undefined }),
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
const answer = provider.callback();
http.createServer(async (request, response) => {
    if (!(await changed(request, response))) answer(request, response);
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
