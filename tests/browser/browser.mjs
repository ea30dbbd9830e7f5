// Debian's Chromium, headless, with an empty profile. What the pages must never do fails whatever test they do it in.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // Not even a name of somewhere else can be looked up.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/** How the pages are looked at: as wide as a desk's screen and as a small phone's, by day and by night. */
const WAYS = [[1280, 900], [320, 640]].flatMap(([width, height]) =>
  ['light', 'dark'].map((colorScheme) => ({ width, height, colorScheme })));

const AXE = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** A browser for one test, and what it found wrong on the way. */
export class Browser {
  /** Opens it. */
  static async open(url, options = {}) {
    const profile = await mkdtemp(join(tmpdir(), 'entente-profile-'));
    const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
    const context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS, ...options });
    return new Browser(context, profile, url);
  }

  constructor(context, profile, url) {
    Object.assign(this, { context, profile, url, wrong: [], page: context.pages()[0] });
    // The viewer takes half a minute and more to draw where others keep the machine busy.
    context.setDefaultTimeout(120_000);
    const host = new URL(url).host;
    context.on('request', (request) => {
      const { protocol, host: asked } = new URL(request.url());
      if (asked !== host && !['data:', 'blob:'].includes(protocol)) this.wrong.push(`asks elsewhere: ${request.url()}`);
    });
    // Chromium reports what the content security policy forbids as an error here.
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.wrong.push(`console: ${message.text()}`);
    });
    context.on('weberror', (error) => this.wrong.push(`error: ${error.error().message}`));
  }

  /** Closes it, and fails the test if the pages did what they must not. */
  async close() {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true });
    assert.deepEqual(this.wrong, []);
  }

  /** Looks at the page as it is now in every way: axe finds nothing, nothing sticks out. Keeps pictures of this part. */
  async look(name, part = this.page.locator('body')) {
    const pictures = process.env.PICTURES ?? join(tmpdir(), 'entente-pictures');
    await mkdir(pictures, { recursive: true });
    for (const { width, height, colorScheme } of WAYS) {
      await this.page.setViewportSize({ width, height });
      await this.page.emulateMedia({ colorScheme });
      await part.evaluate((element) => element.scrollIntoView());
      const way = `${name}, ${width} pixels, ${colorScheme}`;
      await this.page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`) });
      assert.deepEqual(await this.violations(), [], way);
      assert.ok(await this.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${way}: too wide`);
    }
    await this.page.setViewportSize({ width: 1280, height: 900 });
    console.log(`  ${name}: no violation in ${WAYS.length} ways`);
  }

  /** What axe finds. */
  async violations() {
    await this.page.evaluate(`${AXE}; 0`);
    return this.page.evaluate(async (values) => {
      const found = await window.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' ')}`);
    }, RULES);
  }
}
