// Swagger UI leaves some controls without a name that a screen reader can say. This gives them one, by what stands beside.

const name = (element, text) => element.getAttribute('aria-label') || element.setAttribute('aria-label', text);

/** Names what has come into the viewer. */
export function mend(viewer) {
  for (const row of viewer.querySelectorAll('[data-param-name]')) {
    for (const control of row.querySelectorAll('input, select, textarea')) name(control, row.dataset.paramName);
  }
  for (const heading of viewer.querySelectorAll('[data-tag]')) {
    name(heading.querySelector('button'), heading.dataset.tag);
  }
  for (const row of viewer.querySelectorAll('[data-property-name]')) {
    for (const control of row.querySelectorAll('input, select, textarea')) name(control, row.dataset.propertyName);
  }
  for (const body of viewer.querySelectorAll('.body-param__text')) name(body, 'Request body');
  for (const button of viewer.querySelectorAll('.json-schema-2020-12-accordion')) {
    if (!button.textContent.trim()) name(button, 'Details');
  }
  for (const filter of viewer.querySelectorAll('.operation-filter-input')) name(filter, 'Filter by tag');
  // A table that is called a region is read as no table.
  for (const table of viewer.querySelectorAll('table[role]')) table.removeAttribute('role');
}
