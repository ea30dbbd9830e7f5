// Swagger UI, as this page needs it: without its own way to sign in, and mended where it shut somebody out.

/* global SwaggerUIBundle */

import { mend } from './names.js';
import { prepare } from './prepare.js';

const place = document.getElementById('viewer');
const answered = document.getElementById('answered');
let ui;

/** Leaves out a part of the viewer. */
const without = () => () => null;

function download(text, name) {
  const url = URL.createObjectURL(new Blob([text]));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

/** The parts of the viewer that are ours. */
const ours = (system) => {
  const h = system.React.createElement;

  /** Code that can be scrolled with the keyboard, and whose buttons have names. */
  const HighlightCode = ({ children, canCopy, downloadable, fileName = 'response.txt' }) => h('div', { className: 'sheet' },
    h('pre', { tabIndex: 0 }, h('code', null, children)),
    // Pages that came without TLS from elsewhere have no clipboard.
    canCopy && navigator.clipboard
      && h('button', { type: 'button', onClick: () => navigator.clipboard.writeText(children) }, 'Copy'),
    downloadable && h('button', { type: 'button', onClick: () => download(children, fileName) }, 'Download'));

  const Curl = ({ request }) => h('div', null,
    h('h4', null, 'Curl'),
    h(HighlightCode, { canCopy: true }, system.fn.requestSnippetGenerator_curl_bash(request)));

  const Info = ({ specSelectors, getComponent }) => h('div', { className: 'info' },
    h(getComponent('Markdown', true), { source: specSelectors.info().get('description') }),
    h('p', null, `Version ${specSelectors.version()}.`));

  /** A name that is no link: it stands in a button that does the same. */
  const DeepLink = ({ text }) => h('span', null, text);

  /** Comes when the operation has been read: before, it would be sent under a name that the document does not have. */
  const whenRead = (Execute) => (props) => (props.operation.size > 0 ? h(Execute, props) : null);

  return {
    components: { HighlightCode, curl: Curl, DeepLink },
    wrapComponents: {
      authorizeBtn: without,
      authorizeOperationBtn: without,
      CopyToClipboardBtn: without,
      execute: whenRead,
      ServersContainer: without,
      InfoContainer: () => Info,
    },
  };
};

/** Shows the document. */
export async function show() {
  const answer = await fetch('/openapi.json');
  new MutationObserver(() => mend(place)).observe(place, { childList: true, subtree: true });
  ui = SwaggerUIBundle({
    spec: prepare(await answer.json()),
    domNode: place,
    deepLinking: true,
    docExpansion: 'none',
    filter: true,
    tryItOutEnabled: true,
    plugins: [ours],
    responseInterceptor: (response) => {
      answered.textContent = `The server answered ${response.status}.`;
      return response;
    },
  });
}

/** Sends this token with what is tried out from now on. */
export function hold(token, scheme = 'oauth2') {
  if (scheme === 'oauth2') {
    ui.authActions.authorizeOauth2({ auth: { name: scheme, schema: { type: 'oauth2' } }, token });
  } else {
    ui.authActions.authorize({ [scheme]: { name: scheme, schema: { type: 'http', scheme: 'bearer' }, value: token } });
  }
}

/** Sends none any more. */
export function forget() {
  ui.authActions.logout(['oauth2', 'application_token']);
}
