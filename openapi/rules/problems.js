import { answers, operations } from './document.js';

const PROBLEM = '#/components/schemas/Problem';

/** Every 4xx and 5xx is a problem document; slow down and not now say until when. */
export default function problems(document) {
  const faults = [];
  for (const each of operations(document)) {
    // RFC 6749, 5.2 wants the token endpoint's own errors as plain JSON; what the frame refuses before it stays as it is.
    const plain = each.route === '/oauth/token' ? ['400', '401'] : [];
    const all = answers(document, each);
    const failures = all.filter(({ status }) => /^[45]/.test(status));
    if (failures.length === 0) faults.push({ message: 'names no way to fail', path: each.at });
    for (const { status, answer, at } of failures) {
      const known = plain.includes(status) ? ['application/json', 'application/problem+json'] : ['application/problem+json'];
      const content = Object.entries(answer.content ?? {});
      if (content.length === 0) faults.push({ message: `${status} has no body`, path: at });
      for (const [type, { schema }] of content) {
        if (!known.includes(type)) faults.push({ message: `${status} is ${known.join(' or ')}, not ${type}`, path: at });
        if (schema?.$ref !== PROBLEM) faults.push({ message: `${status} has the schema Problem`, path: at });
      }
      if (['429', '503'].includes(status) && !answer.headers?.['Retry-After']) {
        faults.push({ message: `${status} has the header Retry-After`, path: at });
      }
    }
  }
  return faults;
}
