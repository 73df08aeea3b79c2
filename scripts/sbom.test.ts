import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { sbom } from './sbom.ts';

const root = path.resolve(import.meta.dirname, '..');

it('lists everything the package runs on, with its version, and no tool of ours', () => {
  const text = sbom();
  const bom = JSON.parse(text) as {
    bomFormat: string;
    components: { purl: string }[];
  };
  expect(bom.bomFormat).toBe('CycloneDX');
  // What is different each time.
  expect(text).not.toMatch(/serialNumber|timestamp/);
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const page = JSON.parse(readFileSync(path.join(root, 'ui/package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const versions = new Set(
    bom.components.map(({ purl }) => decodeURIComponent(purl).replace(/^pkg:npm\/|\?.*$/g, '')),
  );
  for (const [name, wanted] of Object.entries({ ...dependencies, ...page.dependencies })) {
    const [, alias, version] = /^npm:(.+)@([^@]+)$/.exec(wanted) ?? ['', name, wanted];
    expect(
      [...versions].some((one) => one === `${alias}@${version}` || one === `${name}@${version}`),
      name,
    ).toBe(true);
  }
  expect(versions).not.toContain(`vitest@${devDependencies['vitest']}`);
});
