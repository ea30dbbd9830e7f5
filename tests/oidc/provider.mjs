// Test fixture: a real OpenID provider (npm `oidc-provider`) for Entente's tests of
// foreign access tokens. Every id, secret and address below is a fixture value.
//
// OIDC_PORT   port on 127.0.0.1; 0 or unset picks a free one
// OIDC_EMAIL  the `email` claim of every token (default admin@example.com; empty: no claim)
//
// Prints one JSON line on stdout when ready and ends when its stdin closes.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider, errors } from 'oidc-provider';

console.info = console.error; // stdout carries the ready line only

const EMAIL = process.env.OIDC_EMAIL ?? 'admin@example.com';
const AUDIENCES = ['https://entente.test', 'https://other.test'];
const SCOPES = 'read write admin';
const SECRET = 'crm-secret';
const CLIENTS = {
  crm: {},
  'crm-es256': { alg: 'ES256' },
  'crm-eddsa': { alg: 'EdDSA' },
  'crm-short': { ttl: 1 },
  'crm-expired': { shift: -7200 }, // iat and exp two hours back: expired under any clock leeway
};

function signingKeys() {
  const pairs = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    EdDSA: generateKeyPairSync('ed25519'),
  };
  return Object.entries(pairs).map(([alg, { privateKey }]) => ({
    ...privateKey.export({ format: 'jwk' }), kid: `${alg.toLowerCase()}-${randomUUID()}`, alg, use: 'sig',
  }));
}

function newProvider(issuer, keys) {
  return new Provider(issuer, {
    jwks: { keys }, // for each algorithm the first key signs
    scopes: ['openid', ...SCOPES.split(' ')],
    cookies: { keys: ['fixture-cookie-key'] },
    clients: Object.keys(CLIENTS).map((client_id) => ({
      client_id,
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(ctx, resource, client) {
          if (!AUDIENCES.includes(resource)) throw new errors.InvalidTarget();
          return {
            audience: resource,
            scope: SCOPES,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: CLIENTS[client.clientId].alg ?? 'RS256' } },
          };
        },
      },
    },
    ttl: { ClientCredentials: (ctx, token, client) => CLIENTS[client.clientId].ttl ?? 600 },
    extraTokenClaims: () => (EMAIL ? { email: EMAIL } : undefined),
    formats: {
      customizers: {
        jwt(ctx, token, { payload }) {
          const shift = CLIENTS[payload.client_id].shift ?? 0;
          payload.iat += shift;
          payload.exp += shift;
        },
      },
    },
  });
}

async function bodyOf(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text ? JSON.parse(text) : {};
}

function answer(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}

let issuer;
let keys = signingKeys();
let handler;
let outageUntil = 0;
const fetches = { jwks_fetches: 0, discovery_fetches: 0, refused: 0 };

async function control(req, res, path) {
  switch (`${req.method} ${path}`) {
    case 'GET /__jwks_fetches':
      return answer(res, 200, fetches);
    case 'POST /__rotate': {
      const { keep = false } = await bodyOf(req); // keep: go on publishing the old keys too
      const fresh = signingKeys();
      keys = keep ? [...fresh, ...keys] : fresh;
      handler = newProvider(issuer, keys).callback();
      return answer(res, 200, {
        signing: Object.fromEntries(fresh.map((key) => [key.alg, key.kid])),
        published: keys.map((key) => key.kid),
      });
    }
    case 'POST /__outage': {
      const { seconds } = await bodyOf(req); // 0 ends an outage
      if (!(Number.isFinite(seconds) && seconds >= 0)) {
        return answer(res, 400, { error: 'seconds must be a number, 0 or more' });
      }
      outageUntil = Date.now() + seconds * 1000;
      return answer(res, 200, { seconds });
    }
    default:
      return answer(res, 404, { error: 'no such control endpoint' });
  }
}

const server = createServer((req, res) => {
  const [pathname] = req.url.split('?');
  if (pathname.startsWith('/__')) {
    control(req, res, pathname).catch((error) => answer(res, 400, { error: String(error) }));
    return;
  }
  const jwks = pathname === '/jwks';
  const discovery = pathname.startsWith('/.well-known/');
  if (jwks) fetches.jwks_fetches += 1;
  if (discovery) fetches.discovery_fetches += 1;
  if ((jwks || discovery) && Date.now() < outageUntil) {
    fetches.refused += 1;
    answer(res, 503, { error: 'outage' });
    return;
  }
  handler(req, res);
});

server.listen(Number(process.env.OIDC_PORT ?? 0), '127.0.0.1', () => {
  const { port } = server.address();
  issuer = `http://127.0.0.1:${port}`;
  handler = newProvider(issuer, keys).callback();
  process.stdout.write(`${JSON.stringify({ issuer, port })}\n`);
});

process.stdin.resume();
for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => process.exit(0));
