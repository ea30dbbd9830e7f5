import { follow, schemas } from './document.js';

/** Properties are snake_case and described, where they stand or at the schema that they refer to. */
export default function properties(document) {
  const faults = [];
  for (const { schema, at } of schemas(document)) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const path = [...at, 'properties', name];
      if (name !== '$schema' && !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) faults.push({ message: `${name} is not snake_case`, path });
      if (!described(document, property)) faults.push({ message: `${name} has no description`, path });
    }
  }
  return faults;
}

function described(document, schema) {
  if (schema.description || follow(document, schema).description) return true;
  return [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].some((each) => described(document, each));
}
