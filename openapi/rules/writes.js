import { answers, operations, parameter } from './document.js';

// Made anew for each who asks: there is no state that one could have already.
const NO_RESOURCE = [
  '/v1/applications/challenge',
  '/v1/enrollments/{id}/explanation',
  '/v1/enrollments/{id}/standing',
];

/** Writing is safe to repeat, and nobody overwrites what they have not seen. */
export default function writes(document) {
  const faults = [];
  for (const each of operations(document)) {
    const { route, method, operation, at } = each;
    const fault = (message, path = at) => faults.push({ message, path });
    const header = (name) => parameter(document, operation, 'header', name);
    const all = answers(document, each);
    const has = (status) => all.some((answer) => answer.status === status);
    const asksForToken = (operation.security ?? []).some((scheme) => Object.keys(scheme).length > 0);
    if (method === 'post' && route.startsWith('/v1/') && asksForToken && !header('Idempotency-Key')) {
      fault('a POST takes Idempotency-Key');
    }
    if (method === 'patch') {
      if (!header('If-Match')?.required) fault('a PATCH requires If-Match');
      for (const status of ['412', '428']) if (!has(status)) fault(`a PATCH has ${status}`);
    }
    if (header('If-Match') && !has('412')) fault('who takes If-Match has 412');
    // A list as a file is no resource either.
    const resource = route.startsWith('/v1/') && !route.endsWith('.csv') && !NO_RESOURCE.includes(route);
    const one = (method === 'get' && resource && !isList(all)) || method === 'patch';
    for (const { status, answer, at: place } of all) {
      if (one && status === '200' && !answer.headers?.ETag) fault('one resource has an ETag', place);
      if (status === '201' && !answer.headers?.Location) fault('201 has a Location', place);
    }
  }
  return faults;
}

function isList(all) {
  return all.some(({ status, answer }) =>
    status === '200' && Object.values(answer.content ?? {}).some(({ schema }) => schema?.$ref?.endsWith('List')));
}
