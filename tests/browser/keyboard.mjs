// Going through a page with the keyboard alone.

import assert from 'node:assert/strict';

/** More presses of a key than any page needs. */
const MANY = 400;

/** Everything that somebody can do something with. */
const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';

/** What has the focus: a name for people, and whether one sees that it has it. */
const look = (page) => page.evaluate(() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  element.dataset.reached = 'yes';
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { top, bottom, width } = element.getBoundingClientRect();
  return {
    name: `${element.tagName} ${element.id || element.getAttribute('aria-label') || element.textContent.trim()}`.slice(0, 80),
    isSeen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && width > 0 && bottom > 0 && top < innerHeight,
  };
});

/** The same, as soon as one sees it: what is above may still be drawn and push it away. */
async function focused(page) {
  const until = Date.now() + 3_000;
  let at = await look(page);
  while (at && !at.isSeen && Date.now() < until) at = await look(page);
  return at;
}

/** Goes on with Tab until the control of this selector has the focus. */
export async function tabTo(page, selector) {
  for (let presses = 0; presses < MANY; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) {
      const { name, isSeen } = await focused(page);
      assert.ok(isSeen, `one does not see that ${name} has the focus`);
      return;
    }
  }
  assert.fail(`Tab does not reach ${selector}`);
}

/** Goes through the whole page with Tab: every control is reached, and one sees where one is. */
export async function tabThrough(page) {
  await page.evaluate(() => {
    document.querySelectorAll('[data-reached]').forEach((element) => element.removeAttribute('data-reached'));
    // Tab goes on from here: from the top.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    scrollTo(0, 0);
  });
  let stops = 0;
  for (; stops < MANY; stops += 1) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (!at) break;
    assert.ok(at.isSeen, `one does not see that ${at.name} has the focus`);
  }
  assert.ok(stops > 3 && stops < MANY, `${stops} stops`);
  const missed = await page.evaluate((controls) => [...document.querySelectorAll(controls)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && !one.dataset.reached)
    .map((one) => one.outerHTML.slice(0, 120)), CONTROLS);
  assert.deepEqual(missed, [], 'not reached with Tab');
  return stops;
}
