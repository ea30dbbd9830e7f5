import { answers, follow, operations, parameter } from './document.js';

/** A list is asked for page by page, and answers `data` and `next_cursor`. */
export default function lists(document) {
  const faults = [];
  for (const each of operations(document)) {
    const { route, operation, at } = each;
    if (!route.startsWith('/v1/')) continue;
    const isList = (name) => name.endsWith('List');
    for (const { status, answer, at: place } of answers(document, each)) {
      const schema = answer.content?.['application/json']?.schema;
      if (status !== '200' || !schema) continue;
      const name = schema.$ref?.split('/').pop() ?? '';
      if (!isList(name)) {
        if (operation.operationId?.startsWith('list')) {
          faults.push({ message: `a list answers a schema called …List, not ${name || 'one without a name'}`, path: place });
        }
        continue;
      }
      const { properties = {}, required = [] } = follow(document, schema);
      for (const property of ['data', 'next_cursor']) {
        if (!properties[property] || !required.includes(property)) {
          faults.push({ message: `${name} has no required ${property}`, path: ['components', 'schemas', name] });
        }
      }
      const query = (parameterName) => parameter(document, operation, 'query', parameterName);
      if (!query('limit')) faults.push({ message: 'a list takes limit', path: at });
      if (!query('cursor') && !query('after')) faults.push({ message: 'a list takes cursor, or after', path: at });
    }
  }
  return faults;
}
