import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../providers/registry.ts';
import { withoutExtensions } from './as-intended.ts';
import { check } from './check.ts';
import { ENV_VARIABLES } from './environment.ts';
import { parseConfig } from './file.ts';
import { loadConfig } from './load.ts';
import { providersText, referenceText, schemaText } from './reference.ts';
import { FILE_NODE } from './schema/schema.ts';

const docs = new URL('../../docs/', import.meta.url);
const page = (): string => readFileSync(new URL('configuration.md', docs), 'utf8');

/** The page with its generated parts made anew. */
function generated(text: string): string {
  const parts: Record<string, string> = { providers: providersText(PROVIDERS), reference: referenceText() };
  return text.replaceAll(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(\n<!-- end -->)/g,
    (_, head: string, name: string, tail: string) => `${head}${parts[name]}${tail}`,
  );
}

describe('what is published', () => {
  it('is the schema in use (else: vitest -u, or headgate schema > docs/headgate.schema.json)', async () => {
    await expect(schemaText()).toMatchFileSnapshot(new URL('headgate.schema.json', docs).pathname);
  });

  it('is a page whose tables are those of the schema and the registry (else: vitest -u)', async () => {
    await expect(generated(page())).toMatchFileSnapshot(new URL('configuration.md', docs).pathname);
    expect(page().match(/<!-- generated: /g)).toHaveLength(2);
  });

  it('is a page that names every variable', () => {
    for (const { name } of ENV_VARIABLES) expect(page()).toContain(`\`${name}\``);
    expect(page()).toContain('HEADGATE_CONFIG');
  });

  it('is a page whose YAML examples are valid', () => {
    const examples = [...page().matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);
    expect(examples.length).toBeGreaterThan(3);
    for (const example of examples)
      expect(check(FILE_NODE, withoutExtensions(parseConfig(example, 'example').value))).toEqual([]);
  });

  it('states the defaults that are applied', () => {
    const { config } = loadConfig({ env: {}, cwd: '/nonexistent', cores: 1 });
    const sections = {
      server: config.server,
      log: config.log,
      lane: config.providers[0]?.lane,
      timeouts: config.providers[0]?.timeouts,
      retries: config.providers[0]?.retries,
    };
    let compared = 0;
    for (const [section, values] of Object.entries(sections)) {
      for (const [key, node] of Object.entries(FILE_NODE.properties?.[section]?.properties ?? {})) {
        if (node.default === undefined) continue;
        expect((values as unknown as Record<string, unknown>)[key], `${section}.${key}`).toBe(node.default);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });
});
