import { answers, operations } from './document.js';

/** Every body that is sent or answered is shown. */
export default function examples(document) {
  const faults = [];
  const look = (content, path, what) => {
    for (const [type, media] of Object.entries(content ?? {})) {
      const shown = media.example !== undefined || Object.keys(media.examples ?? {}).length > 0;
      if (!shown) faults.push({ message: `${what} (${type}) has no example`, path: [...path, 'content', type] });
    }
  };
  for (const each of operations(document)) {
    look(each.operation.requestBody?.content, [...each.at, 'requestBody'], 'the request');
    for (const { status, answer, at } of answers(document, each)) {
      if (status.startsWith('2')) look(answer.content, at, `the answer ${status}`);
    }
  }
  return faults;
}
