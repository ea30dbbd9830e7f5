// What the front page does beyond standing there: it asks now and then whether the server can serve, and copies.

const PAUSE = 15_000;

const state = document.getElementById('state');
const asked = document.getElementById('asked');
const copy = document.getElementById('copy');
const call = document.getElementById('call');

const WORDS = {
  true: 'It can serve: its database answers.',
  false: 'It cannot serve: its database does not answer.',
  gone: 'It does not answer.',
};

async function ask() {
  const ready = await fetch('/readyz').then((answer) => String(answer.ok), () => 'gone');
  asked.textContent = `at ${new Date().toLocaleTimeString()}`;
  // Said aloud by screen readers, so only what is new.
  if (state.dataset.ready !== ready) {
    state.dataset.ready = ready;
    state.textContent = WORDS[ready];
  }
}

setInterval(() => document.hidden || ask(), PAUSE);
document.addEventListener('visibilitychange', () => document.hidden || ask());
ask();

// Pages that came without TLS from elsewhere have no clipboard.
if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(call.textContent);
    copy.textContent = 'Copied';
  });
}
