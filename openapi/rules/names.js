import { schemas, takes } from './document.js';

/**
 * No schema has the name that generators make up for a property of another: they call the type of `tier` in
 * `Enrollment` `EnrollmentTier`.
 */
export default function names(document) {
  const known = document.components?.schemas ?? {};
  const faults = [];
  for (const { schema, at } of schemas(document)) {
    if (at[0] !== 'components' || at.length !== 3) continue;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const madeUp = at[2] + name.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
      if (hasOwnType(property) && known[madeUp]) {
        faults.push({ message: `generators call the type of this property ${madeUp}, as the schema`, path: [...at, 'properties', name] });
      }
    }
  }
  return faults;
}

/** What a generator makes a type for: text with limits or values of its own, and an object that stands in place. */
function hasOwnType(schema) {
  const limited = ['enum', 'maxLength', 'minLength', 'pattern'].some((key) => schema[key] !== undefined);
  return (takes(schema, 'string') && limited) || (takes(schema, 'object') && schema.properties !== undefined);
}
