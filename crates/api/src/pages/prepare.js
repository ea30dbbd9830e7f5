// The document, as the viewer gets it.

const NAMED = '#/components/schemas/';

/** Calls `visit` with each reference in a value, and with what holds it. */
function references(value, visit) {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.$ref === 'string' && value.$ref.startsWith(NAMED)) visit(value, value.$ref.slice(NAMED.length));
  for (const part of Object.values(value)) references(part, visit);
}

/** The schemas that a schema holds, however deep. */
function held(schemas, name, found = new Set()) {
  references(schemas[name], (_, other) => {
    if (!found.has(other)) held(schemas, other, found.add(other));
  });
  return found;
}

/**
 * Cuts schemas that hold themselves, such as those of the rule language, where they do: the viewer writes each out in
 * full, and the browser would stand still.
 */
function unroll(schemas) {
  const endless = new Set(Object.keys(schemas).filter((name) => held(schemas, name).has(name)));
  for (const name of endless) {
    references(schemas[name], (holder, other) => {
      if (!endless.has(other)) return;
      delete holder.$ref;
      holder.title = other;
    });
  }
}

/** Of several examples the first: the viewer chooses among them by a list without a name. */
function oneExample(response) {
  for (const content of Object.values(response.content ?? {})) {
    const [first] = Object.values(content.examples ?? {});
    if (first) content.example = first.value;
    delete content.examples;
  }
}

/** Says in each operation's text which scopes it asks for, and leaves fields empty that may be empty. */
export function prepare(document) {
  // The viewer has no place for them among its headings; each is an event, and the operations of events tell how to follow.
  delete document.webhooks;
  const operations = Object.values(document.paths).flatMap(Object.values);
  for (const operation of operations) {
    const scopes = (operation.security ?? []).flatMap((one) => one.oauth2 ?? []);
    if (scopes.length > 0) operation.description += `\n\nScopes: ${scopes.map((scope) => `\`${scope}\``).join(', ')}.`;
  }
  const parameters = [...operations.flatMap((operation) => operation.parameters ?? []),
    ...Object.values(document.components.parameters ?? {})];
  for (const parameter of parameters) if (!parameter.required) delete parameter.example;
  const answers = operations.flatMap((operation) => Object.values(operation.responses));
  [...answers, ...Object.values(document.components.responses)].forEach(oneExample);
  unroll(document.components.schemas);
  return document;
}
