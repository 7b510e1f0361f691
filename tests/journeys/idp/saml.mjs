// A real SAML identity provider for the journeys: npm's samlify behind a sign-in form.
// Arguments: port, address of the portal, key of the provider there, folder with key.pem and cert.pem, node_modules.
import { readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { changed, people, read } from "./people.mjs";

const [port, portal, key, folder, modules] = process.argv.slice(2);
const samlify = createRequire(path.join(modules, "here.js"))("samlify");
const here = `http://127.0.0.1:${port}`;
// The portal's requests are small and its own; the schema check needs a Java or a compiler.
samlify.setSchemaValidator({ validate: async () => "not checked" });

const attribute = (name, values) =>
    `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">` +
    values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join("") +
    "</saml:Attribute>";
const template = samlify.SamlLib.defaultLoginResponseTemplate.context;
const idp = samlify.IdentityProvider({
    entityID: `${here}/metadata`,
    privateKey: readFileSync(path.join(folder, "key.pem"), "utf8"),
    signingCert: readFileSync(path.join(folder, "cert.pem"), "utf8"),
    isAssertionEncrypted: false,
    requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    nameIDFormat: ["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"],
    singleSignOnService: [{ Binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", Location: `${here}/sso` }],
    singleLogoutService: [{ Binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", Location: `${here}/slo` }],
    loginResponseTemplate: { context: template },
});
let portalAsParty = null;
async function party() {
    if (!portalAsParty) {
        const answer = await fetch(`${portal}/accounts/saml/${key}/metadata/`);
        portalAsParty = samlify.ServiceProvider({ metadata: await answer.text() });
    }
    return portalAsParty;
}

const minutes = (count) => new Date(Date.now() + count * 60_000).toISOString();

async function responseFor(name, requestId) {
    const sp = await party();
    const acs = sp.entityMeta.getAssertionConsumerService("post");
    const user = people[name];
    const statements =
        `<saml:AuthnStatement AuthnInstant="${minutes(0)}" SessionIndex="session-${name}"><saml:AuthnContext>` +
        "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>" +
        "</saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>" +
        attribute("email", [`${name}@saml.example`]) + attribute("uid", [name]) +
        attribute("displayName", [user.name]) + attribute("groups", user.groups) + "</saml:AttributeStatement>";
    const values = {
        ID: `_r${crypto.randomUUID()}`, AssertionID: `_a${crypto.randomUUID()}`, Destination: acs, Audience: sp.entityMeta.getEntityID(),
        SubjectRecipient: acs, Issuer: idp.entityMeta.getEntityID(), IssueInstant: minutes(0),
        StatusCode: "urn:oasis:names:tc:SAML:2.0:status:Success", ConditionsNotBefore: minutes(-1),
        ConditionsNotOnOrAfter: minutes(5), SubjectConfirmationDataNotOnOrAfter: minutes(5),
        NameIDFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", NameID: `id-of-${name}`, InResponseTo: requestId,
    };
    const fill = (context) => ({
        id: values.ID,
        context: samlify.SamlLib.replaceTagsByValue(context, values).replace("{AuthnStatement}{AttributeStatement}", statements),
    });
    const { context } = await idp.createLoginResponse(sp, { extract: { request: { id: requestId } } }, "post", {}, fill);
    return { acs, context };
}

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const page = (body) => `<!doctype html><title>Company SAML</title>${body}`;
const hidden = (name, value) => `<input type="hidden" name="${name}" value="${escaped(value)}">`;

async function start(url, response) {
    const query = Object.fromEntries(url.searchParams);
    const { extract } = await idp.parseLoginRequest(await party(), "redirect", { query });
    response.end(page(
        `<form method="post" action="/login">${hidden("request", extract.request.id)}${hidden("relay", query.RelayState ?? "")}` +
        '<input name="login"><button type="submit">Sign in</button></form>',
    ));
}

async function answer(request, response) {
    const form = new URLSearchParams(await read(request));
    const { acs, context } = await responseFor(form.get("login"), form.get("request"));
    response.end(page(
        `<form method="post" action="${acs}">${hidden("SAMLResponse", context)}${hidden("RelayState", form.get("relay"))}` +
        '<button type="submit">Go to Callboard</button></form>',
    ));
}

async function leave(url, response) {
    const sp = await party();
    const query = Object.fromEntries(url.searchParams);
    const { extract } = await idp.parseLogoutRequest(sp, "redirect", { query });
    sp.entityMeta.isWantLogoutResponseSigned = () => true;
    sp.entitySetting.wantLogoutResponseSigned = true;
    const { context } = idp.createLogoutResponse(sp, { extract }, "redirect", query.RelayState ?? "");
    response.writeHead(302, { Location: context }).end();
}

http.createServer(async (request, response) => {
    const url = new URL(request.url, here);
    response.setHeader("Content-Type", "text/html");
    try {
        if (await changed(request, response)) return;
        if (url.pathname === "/metadata") response.setHeader("Content-Type", "text/xml").end(idp.getMetadata());
        else if (url.pathname === "/sso") await start(url, response);
        else if (url.pathname === "/login") await answer(request, response);
        else if (url.pathname === "/slo") await leave(url, response);
        else response.writeHead(404).end();
    } catch (error) {
        console.error(error);
        response.writeHead(500).end(String(error));
    }
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
