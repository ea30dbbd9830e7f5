// Signs in and out, and hands the token to the viewer. It is kept in this page alone, and gone with it.

import { forget, hold, show } from './viewer.js';

/** Seconds before its end at which a token is exchanged for the next. */
const MARGIN = 30;

const form = document.getElementById('sign-in');
const kind = document.getElementById('kind');
const demoUser = document.getElementById('demo-user');
const said = document.getElementById('said');
const signOut = document.getElementById('sign-out');
let renewal;

/** Shows the fields of whoever signs in. */
function choose() {
  for (const fields of form.querySelectorAll('[data-kind]')) {
    fields.hidden = fields.disabled = fields.dataset.kind !== kind.value;
  }
}

/** Says what became of it. */
function say(text, isFault = false) {
  said.textContent = text;
  said.classList.toggle('fault', isFault);
}

/** Asks for JSON; throws what the server says is wrong. */
async function ask(path, options) {
  const answer = await fetch(path, { headers: { Accept: 'application/json' }, ...options });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail ?? `The server answers ${answer.status}.`);
  return body;
}

/** Gets a token, keeps it fresh, and says whose it is. */
async function token(fields) {
  const got = await ask('/oauth/token', { method: 'POST', body: new URLSearchParams(fields) });
  hold(got);
  const again = got.refresh_token ? { grant_type: 'refresh_token', refresh_token: got.refresh_token } : fields;
  renewal = setTimeout(() => token(again).catch(over), (got.expires_in - MARGIN) * 1000);
  return ask('/v1/me', { headers: { Authorization: `Bearer ${got.access_token}` } });
}

function over(error) {
  leave();
  say(`The session is over: ${error.message}`, true);
}

async function enter(event) {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  try {
    if (kind.value === 'status_token') {
      hold(fields.status_token, 'application_token');
      welcome('the applicant');
    } else {
      const me = await token(fields);
      welcome(`${me.name} (${me.role})`);
    }
  } catch (error) {
    say(error.message, true);
  }
}

function welcome(name) {
  form.hidden = true;
  signOut.hidden = false;
  say(`Signed in as ${name}.`);
  signOut.focus();
}

function leave() {
  clearTimeout(renewal);
  forget();
  form.hidden = false;
  signOut.hidden = true;
  say('Signed out.');
  kind.focus();
}

form.addEventListener('submit', enter);
signOut.addEventListener('click', leave);
kind.addEventListener('change', choose);
demoUser?.addEventListener('change', () => { form.elements.username.value = demoUser.value; });
choose();
show();
