// A tool with a certified OpenID client. Reads JSON requests line by line from stdin and answers on stdout.
import readline from "node:readline";
import * as client from "openid-client";

const [issuer, id, secret] = process.argv.slice(2);
const options = { execute: [client.allowInsecureRequests] };
const found = await client.discovery(new URL(issuer), id, secret ? {} : undefined,
  secret ? client.ClientSecretPost(secret) : client.None(), options);
let verifier, state, nonce, device;

const verbs = {
  async start({ redirect, scope }) {
    verifier = client.randomPKCECodeVerifier();
    [state, nonce] = [client.randomState(), client.randomNonce()];
    const challenge = await client.calculatePKCECodeChallenge(verifier);
    const values = { redirect_uri: redirect, scope, code_challenge: challenge, code_challenge_method: "S256", state, nonce };
    return { url: client.buildAuthorizationUrl(found, values).href };
  },
  async finish({ url }) {
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(found, new URL(url), checks);
    const claims = tokens.claims();
    return { tokens, claims, person: await client.fetchUserInfo(found, tokens.access_token, claims.sub) };
  },
  async renew({ token }) {
    return { tokens: await client.refreshTokenGrant(found, token) };
  },
  async revoke({ token }) {
    await client.tokenRevocation(found, token);
    return {};
  },
  async device({ scope }) {
    device = await client.initiateDeviceAuthorization(found, { scope });
    return device;
  },
  async poll() {
    return { tokens: await client.pollDeviceAuthorizationGrant(found, device) };
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { verb, ...values } = JSON.parse(line);
  let answer;
  try {
    answer = await verbs[verb](values);
  } catch (error) {
    answer = { error: error.error ?? error.code ?? String(error), message: error.error_description ?? error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
