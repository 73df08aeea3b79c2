import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { routes } from '../src/http/routes/routes.ts';
import { endpointsPage } from './endpoints-doc.ts';

test('docs/endpoints.md says what routes and operations say (else: node scripts/endpoints-doc.ts)', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'endpoints.md'), 'utf8');
  expect(page).toBe(endpointsPage());
  for (const { template } of routes) expect(page).toContain(`\`${template}\``);
});
