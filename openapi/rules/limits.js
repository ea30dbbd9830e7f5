import { schemas, takes } from './document.js';

/** Nothing is unbounded: text, lists and whole numbers say how much they can be. */
export default function limits(document) {
  const faults = [];
  for (const { schema, at } of schemas(document)) {
    const lacks = (...keys) => keys.every((key) => schema[key] === undefined);
    const fault = (message) => faults.push({ message, path: at });
    if (takes(schema, 'string') && lacks('maxLength', 'format', 'enum', 'const', 'pattern')) {
      fault('a string has maxLength, format, enum, const or pattern');
    }
    if (takes(schema, 'array') && lacks('maxItems')) fault('an array has maxItems');
    const bounded = !lacks('minimum', 'exclusiveMinimum') && !lacks('maximum', 'exclusiveMaximum');
    if (takes(schema, 'integer') && !bounded && lacks('format', 'enum', 'const')) {
      fault('an integer has minimum and maximum, or a format');
    }
  }
  return faults;
}
