import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import { CAPABILITY_RECORDS } from './registry.ts';
import { recordsText } from './table-text.ts';

const page = new URL('../../docs/models.md', import.meta.url);
const text = (): string => readFileSync(page, 'utf8');

test('docs/models.md shows the records in use (else: vitest -u)', async () => {
  const made = text().replace(
    /(<!-- generated: records -->\n)[\s\S]*?(\n<!-- end -->)/,
    (_, head: string, tail: string) => `${head}${recordsText(CAPABILITY_RECORDS)}${tail}`,
  );
  await expect(made).toMatchFileSnapshot(page.pathname);
});

test('docs/models.md explains every field', () => {
  for (const field of Object.keys(UNKNOWN_CAPABILITIES.anthropic)) expect(text()).toContain(`\`${field}\``);
});
