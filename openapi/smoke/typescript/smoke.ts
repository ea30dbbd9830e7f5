// Every step of a front end or a connector in TypeScript, with the client that `make sdk` generates.

import { randomUUID } from 'node:crypto';
import createClient from 'openapi-fetch';
import type { components, paths } from './entente.d.ts';

type NewDeal = components['schemas']['NewDealRegistration'];
type Problem = components['schemas']['Problem'];

const baseUrl = process.env['ENTENTE_URL'] ?? 'http://127.0.0.1:8080';
const username = process.env['ENTENTE_USER'] ?? 'partner@northwind.example';
const password = process.env['ENTENTE_PASSWORD'] ?? 'partner-program-demo';

const entente = createClient<paths>({ baseUrl });

async function signIn() {
  const { data, error } = await entente.POST('/oauth/token', {
    body: { grant_type: 'password', username, password },
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  if (error) throw refused(error);
  entente.use({
    onRequest({ request }) {
      request.headers.set('Authorization', `Bearer ${data.access_token}`);
    },
  });
  say('signed in', `${username} may: ${data.scope}`);
}

async function register(body: NewDeal, key: string) {
  const { data, error, response } = await entente.POST('/v1/deal-registrations', {
    params: { header: { 'Idempotency-Key': key } },
    body,
  });
  if (error) throw refused(error);
  return { deal: data, replayed: response.headers.get('Idempotency-Replayed') === 'true' };
}

async function* allDeals() {
  for (let cursor: string | undefined; ;) {
    const { data, error } = await entente.GET('/v1/deal-registrations', {
      params: { query: { limit: 10, ...(cursor && { cursor }) } },
    });
    if (error) throw refused(error);
    yield data.data;
    if (data.next_cursor === null) return;
    cursor = data.next_cursor;
  }
}

async function eventsAfter(after?: string) {
  const { data, error } = await entente.GET('/v1/events', {
    params: { query: { limit: 200, ...(after && { after }) } },
  });
  if (error) throw refused(error);
  return { events: data.data, cursor: data.next_cursor ?? after };
}

async function endOfFeed() {
  for (let cursor: string | undefined; ;) {
    const page = await eventsAfter(cursor);
    if (page.events.length === 0) return cursor;
    cursor = page.cursor;
  }
}

async function submitAgain(id: string) {
  const { error } = await entente.POST('/v1/deal-registrations/{id}/submit', { params: { path: { id } } });
  switch (error?.code) {
    case 'invalid_transition':
      return error.detail; // It was submitted before: for many callers as good as done.
    case undefined:
      throw new Error('a registration was submitted twice');
    default:
      throw refused(error!);
  }
}

function refused({ status, code, detail, request_id }: Problem) {
  return new Error(`${status} ${code}: ${detail} (request ${request_id})`);
}

function check(holds: boolean, what: string) {
  if (!holds) throw new Error(`not so: ${what}`);
}

function say(step: string, what: string) {
  console.log(`typescript  ${step.padEnd(10)} ${what}`);
}

await signIn();
let cursor = await endOfFeed();

const key = randomUUID();
const wanted: NewDeal = {
  program: 'reseller',
  title: '200 seats',
  account: { name: 'TypeScript Works GmbH', domain: 'typescript-works.example', country: 'DE' },
  products: ['core'],
  amount: { amount: '48000.50', currency: 'EUR' },
  expected_close_on: '2027-03-31',
  submit: true,
};
const { deal } = await register(wanted, key);
check(deal.amount.amount === '48000.50', 'money stays the decimal string that was sent');
say('registered', `${deal.id}, ${deal.amount.amount} ${deal.amount.currency}, ${deal.status}`);

const again = await register(wanted, key);
check(again.replayed && again.deal.id === deal.id, 'the same key gives the first answer again');
say('repeated', `the same key, the same ${again.deal.id}`);

let [pages, ids] = [0, new Set<string>()];
for await (const page of allDeals()) {
  pages += 1;
  page.forEach(({ id }) => ids.add(id));
}
check(pages > 1 && ids.has(deal.id), 'several pages, and the new registration on one of them');
say('paged', `${ids.size} registrations on ${pages} pages`);

let event;
for (const deadline = Date.now() + 10_000; !event; ) {
  check(Date.now() < deadline, 'the feed tells of the registration within 10 seconds');
  const page = await eventsAfter(cursor);
  event = page.events.find(({ subject }) => subject === deal.id);
  cursor = page.cursor;
}
say('followed', `${event.type} as ${event.id}`);

say('conflict', await submitAgain(deal.id));
