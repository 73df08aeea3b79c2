import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DialectName } from '../src/contracts/dialect-name.ts';
import { GOOGLE_TEMPLATES } from '../src/http/routes/google-paths.ts';
import { createRouteTable } from '../src/http/routes/route-table.ts';
import { routes } from '../src/http/routes/routes.ts';
import { VENDOR_PATHS } from '../src/http/routes/vendor-paths.ts';
import { endpointsPage } from './endpoints-doc.ts';

test('docs/endpoints.md says what routes and operations say (else: node scripts/endpoints-doc.ts)', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'endpoints.md'), 'utf8');
  expect(page).toBe(endpointsPage());
  for (const { template } of routes) expect(page).toContain(`\`${template}\``);
});

const providers = new Map<string, DialectName>([
  ['cohere', 'cohere'],
  ['mistral', 'openai-chat'],
  ['gemini', 'gemini'],
  ['bedrock', 'bedrock'],
  ['xai', 'openai-chat'],
  ['together', 'openai-chat'],
  ['cerebras', 'openai-chat'],
  ['openrouter', 'openai-chat'],
  ['perplexity', 'openai-responses'],
  ['fireworks', 'openai-chat'],
  ['openai', 'openai-chat'],
  ['anthropic', 'anthropic'],
]);
/** Those whose paths go by who they are, and not by the dialect that they speak. */
const vendors = new Map(
  ['mistral', 'xai', 'together', 'cerebras', 'openrouter', 'perplexity', 'fireworks'].map((name) => [
    name,
    name,
  ]),
);
const table = createRouteTable(providers, vendors);

test.each([
  ...VENDOR_PATHS.flatMap(({ vendor, dialect, templates }) =>
    templates.map(({ path, own, free, exact }) => ({
      vendor,
      of: dialect ?? vendor,
      path,
      own,
      free,
      exact,
    })),
  ),
  ...GOOGLE_TEMPLATES.map((path) => ({
    vendor: 'gemini',
    of: 'gemini',
    path,
    own: true,
    free: path.endsWith('/files'),
    exact: undefined,
  })),
])("$vendor's $path is listed as what it does", ({ vendor, of: who, path, own, free, exact }) => {
  expect(endpointsPage()).toContain(
    `| \`${path}\` | ${who} | ${own ? 'yes' : 'no'} | ${free ? 'no' : 'yes'} |`,
  );
  const asked = `${path.replaceAll('{id}', 'x-1').replace('{model}', 'm-1')}${path.includes(':') || exact === true ? '' : '/x-1'}`;
  const of = (before: string) => table.match(`${before}${asked}`);
  const goes = {
    route: { template: '/passthrough/{provider}/*', operation: { billed: !free } },
    params: { provider: vendor, rest: asked },
  };
  expect(of(`/${vendor}`)).toMatchObject(goes);
  const { vendor: twin, ...others } = of('');
  if (own) expect((vendor === 'anthropic' && twin?.anthropic) || others).toMatchObject(goes);
  else expect(of('').params).not.toEqual(goes.params);
});
