// The front page and the documentation, as people use them: with a mouse, with the keyboard alone, and without scripts.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Browser } from './browser.mjs';
import { tabThrough, tabTo } from './keyboard.mjs';
import { start } from './server.mjs';

const PROGRAM = process.env.ENTENTE ?? 'target/debug/entente';
const READY = 'It can serve: its database answers.';

let server;
before(async () => { server = await start(PROGRAM, '--demo'); console.log(`  serving on ${server.url}`); });
after(() => server.stop());

/** A test with a browser, which closes whatever happens. */
const inBrowser = (name, work, options) => test(name, { timeout: 300_000 }, async () => {
  const browser = await Browser.open(server.url, options);
  try {
    await work(browser.page, browser);
  } finally {
    await browser.close();
  }
});

/** The one operation with this id in the viewer. */
const operation = (page, tag, id) => page.locator(`[id="operations-${tag}-${id}"]`);

/** Waits for the viewer's answer: its status and body. */
async function answer(of) {
  const row = of.locator('.live-responses-table tbody tr').first();
  await row.waitFor();
  const body = await row.locator('pre').first().textContent();
  return { status: (await row.locator('.response-col_status').textContent()).trim(), body: JSON.parse(body) };
}

inBrowser('a newcomer comes in, signs in as somebody of the demo, and tries an operation', async (page, browser) => {
  await page.goto(server.url);
  assert.equal((await page.locator('#state').textContent()).trim(), READY);
  await browser.look('front');

  const paths = await page.$$eval('a[href^="/"]', (links) => [...new Set(links.map((link) => link.getAttribute('href')))]);
  for (const path of paths) assert.equal((await fetch(server.url + path)).status, 200, path);

  await page.getByRole('link', { name: 'Read and try the API' }).click();
  await page.locator('[data-tag]').first().waitFor();
  await browser.look('docs');

  await page.getByLabel('Somebody of the demo').selectOption('cam@demo.example');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Signed in as Chris Channel (channel_manager).').waitFor();
  await browser.look('docs-signed-in');

  await page.locator('[data-tag="deal_registrations"] button').click();
  const list = operation(page, 'deal_registrations', 'listDealRegistrations');
  await list.locator('.opblock-summary-control').click();
  await list.getByLabel('limit').fill('2');
  await browser.look('docs-operation', list);

  await list.getByRole('button', { name: 'Execute' }).click();
  const { status, body } = await answer(list);
  assert.equal(status, '200');
  assert.deepEqual([body.data.length, body.data[0].id.startsWith('deal_')], [2, true]);
  await browser.look('docs-answer', list.locator('.live-responses-table'));

  await page.getByRole('button', { name: 'Sign out' }).click();
  await list.getByRole('button', { name: 'Execute' }).click();
  await list.locator('.live-responses-table').getByText('401', { exact: true }).waitFor();
  // Chromium tells of every 4xx in its console.
  browser.wrong = browser.wrong.filter((line) => !line.includes('status of 401'));
});

inBrowser('the same with the keyboard alone', async (page) => {
  const press = (key) => page.keyboard.press(key);
  await page.goto(server.url);
  const stops = [await tabThrough(page)];
  await page.reload();
  await press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await press('Enter');
  await tabTo(page, 'a.button');
  await press('Enter');

  await page.locator('[data-tag]').first().waitFor();
  stops.push(await tabThrough(page));
  await tabTo(page, '#demo-user');
  await press('ArrowDown');
  await tabTo(page, '#sign-in button');
  await press('Enter');
  await page.getByText('Signed in as Mo Member (partner_member).').waitFor();

  await tabTo(page, '[data-tag="auth"] button');
  await press('Enter');
  const me = operation(page, 'auth', 'getMe');
  await me.waitFor();
  await tabTo(page, '#operations-auth-getMe .opblock-summary-control');
  await press('Enter');
  await me.locator('.execute').waitFor();
  await tabTo(page, '#operations-auth-getMe .execute');
  await press('Enter');
  const { status, body } = await answer(me);
  assert.deepEqual([status, body.email], ['200', 'member@northwind.example']);
  stops.push(await tabThrough(page));
  console.log(`  stops of Tab: ${stops.join(', ')}`);
});

inBrowser('Execute can be pressed as soon as it is there', async (page) => {
  await page.goto(`${server.url}/docs/#/service`);
  const health = operation(page, 'service', 'getHealth');
  await health.waitFor();
  await health.evaluate((element) => {
    new MutationObserver((_, observer) => {
      const execute = element.querySelector('.execute');
      if (!execute) return;
      observer.disconnect();
      execute.click();
    }).observe(element, { childList: true, subtree: true });
    element.querySelector('.opblock-summary-control').click();
  });
  const { status, body } = await answer(health);
  assert.deepEqual([status, body], ['200', { status: 'ok' }]);
});

inBrowser('a wrong password is told, and an operation that is heavy to draw opens', async (page, browser) => {
  await page.goto(`${server.url}/docs/`);
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#said.fault').waitFor();
  assert.deepEqual(await browser.violations(), []);
  browser.wrong = browser.wrong.filter((line) => !line.includes('status of 400'));
  // The rule language holds itself: written out in full it never ends.
  await page.locator('[data-tag="programs"] button').click();
  const create = operation(page, 'programs', 'createProgram');
  await create.locator('.opblock-summary-control').click();
  await create.getByRole('tab', { name: 'Schema' }).first().click();
  await create.getByRole('button', { name: 'Execute' }).waitFor();
  assert.deepEqual(await browser.violations(), []);
});

inBrowser('the first call can be copied, and works', async (page, browser) => {
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Copied').waitFor();
  const call = await page.evaluate(() => navigator.clipboard.readText());
  const { stdout } = await promisify(execFile)('bash', ['-c', call]);
  assert.equal(JSON.parse(stdout).email, 'partner@northwind.example');
});

inBrowser('whoever has the link of a credential sees who holds what', async (page, browser) => {
  const form = { grant_type: 'password', username: 'admin@demo.example', password: 'partner-program-demo' };
  const token = await (await fetch(`${server.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })).json();
  const headers = { authorization: `Bearer ${token.access_token}` };
  const held = await (await fetch(`${server.url}/v1/credentials?limit=1&status=valid`, { headers })).json();
  await page.goto(`${server.url}/credentials/${held.data[0].id}`);
  await page.getByText('This certification is held today.').waitFor();
  assert.ok(await page.locator('img.badge').evaluate((badge) => badge.decode().then(() => badge.naturalWidth > 0)));
  await browser.look('credential');
  assert.ok(await tabThrough(page) >= 7);
});

inBrowser('without scripts the front page says how the server is, and the form gives a token', async (page, browser) => {
  await page.goto(server.url);
  assert.equal((await page.locator('#state').textContent()).trim(), READY);
  await page.goto(`${server.url}/docs/`);
  await page.getByText('The operations are drawn with JavaScript.').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('"access_token"').waitFor();
  // An answer that is no page names no icon, and Chromium looks for one.
  browser.wrong = browser.wrong.filter((line) => !line.includes('status of 404'));
}, { javaScriptEnabled: false });

test('a server that is no demo suggests nobody, and the front page sees when it is gone', { timeout: 300_000 }, async () => {
  const plain = await start(PROGRAM, '--sandbox');
  const browser = await Browser.open(plain.url);
  const { page } = browser;
  try {
    await page.goto(`${plain.url}/docs/`);
    await page.locator('[data-tag="sandbox"]').waitFor();
    assert.doesNotMatch(await page.locator('.signing-in').innerHTML(), /demo|\.example/);
    assert.equal(await page.getByLabel('E-mail address').inputValue(), '');
    await page.goto(plain.url);
    assert.doesNotMatch(await page.locator('#call').textContent(), /northwind|partner-program-demo/);
    await page.getByText('This server is one').waitFor();
    await browser.look('front-sandbox');
    await plain.stop();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.getByText('It does not answer.').waitFor();
    browser.wrong = browser.wrong.filter((line) => !line.includes('ERR_CONNECTION_REFUSED'));
  } finally {
    await plain.stop();
    await browser.close();
  }
});
