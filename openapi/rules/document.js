// How the rules read the document: as it is written, with references followed only where a rule needs what is behind.

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** What a reference names, or the thing itself. */
export function follow(document, thing) {
  while (thing?.$ref) {
    thing = thing.$ref.slice(2).split('/').reduce((at, key) => at?.[key.replace(/~1/g, '/').replace(/~0/g, '~')], document);
  }
  return thing ?? {};
}

/** Every operation, with what it is called by and where it stands. */
export function* operations(document) {
  for (const [route, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      if (item[method]) yield { route, method, operation: item[method], at: ['paths', route, method] };
    }
  }
}

/** The parameter of an operation by place and name. */
export function parameter(document, operation, place, name) {
  return (operation.parameters ?? [])
    .map((each) => follow(document, each))
    .find((each) => each.in === place && each.name.toLowerCase() === name.toLowerCase());
}

/** The answers of an operation, references followed: status, answer and where it is named. */
export function answers(document, { operation, at }) {
  return Object.entries(operation.responses ?? {}).map(([status, answer]) => ({
    status,
    answer: follow(document, answer),
    at: [...at, 'responses', status],
  }));
}

/** Every schema as it is written, wherever it stands, each once, with its place. */
export function* schemas(document) {
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    yield* within(schema, ['components', 'schemas', name]);
  }
  for (const { operation, at } of operations(document)) {
    for (const [nth, each] of (operation.parameters ?? []).entries()) {
      if (each.schema) yield* within(each.schema, [...at, 'parameters', nth, 'schema']);
    }
    yield* ofContent(operation.requestBody?.content, [...at, 'requestBody', 'content']);
    for (const [status, answer] of Object.entries(operation.responses ?? {})) {
      yield* ofContent(answer.content, [...at, 'responses', status, 'content']);
    }
  }
}

function* ofContent(content, at) {
  for (const [type, { schema }] of Object.entries(content ?? {})) {
    if (schema) yield* within(schema, [...at, type, 'schema']);
  }
}

function* within(schema, at) {
  if (typeof schema !== 'object' || schema === null) return;
  yield { schema, at };
  for (const key of ['items', 'additionalProperties', 'propertyNames', 'not']) {
    yield* within(schema[key], [...at, key]);
  }
  for (const key of ['oneOf', 'anyOf', 'allOf', 'prefixItems']) {
    for (const [nth, each] of (schema[key] ?? []).entries()) yield* within(each, [...at, key, nth]);
  }
  for (const [name, each] of Object.entries(schema.properties ?? {})) yield* within(each, [...at, 'properties', name]);
}

/** Whether a schema says that it takes this type. */
export function takes(schema, type) {
  return [schema.type].flat().includes(type);
}
