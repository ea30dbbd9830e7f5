// Reads and makes tokens with npm `jose`, which shares no code with Entente: a second opinion on what we sign.
//
// Takes one JSON object on stdin, prints one on stdout:
//   {"verify": token, "jwks": {…}, "issuer", "audience", "typ", "alg"}  →  {"header", "payload"}
//   {"sign": payload, "header": {…}, "key"?: PKCS#8 in PEM}      →  {"token"}; without a key, one that is made for it
// What fails prints {"error": …}.
import { SignJWT, createLocalJWKSet, generateKeyPair, importPKCS8, jwtVerify } from 'jose';

async function verify({ verify: token, jwks, issuer, audience, typ, alg }) {
  const rules = { issuer, audience, typ, algorithms: [alg] };
  const { protectedHeader, payload } = await jwtVerify(token, createLocalJWKSet(jwks), rules);
  return { header: protectedHeader, payload };
}

async function sign({ sign: payload, header, key }) {
  const signer = key ? await importPKCS8(key, header.alg) : (await generateKeyPair(header.alg)).privateKey;
  return { token: await new SignJWT(payload).setProtectedHeader(header).sign(signer) };
}

let text = '';
for await (const chunk of process.stdin) text += chunk;
const task = JSON.parse(text);
const done = await (task.verify ? verify(task) : sign(task)).catch((error) => ({ error: String(error) }));
process.stdout.write(JSON.stringify(done));
