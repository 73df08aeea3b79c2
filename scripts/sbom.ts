// What the package is made of, as CycloneDX: `node scripts/sbom.ts [FILE]`, by default dist/sbom.cdx.json. npm lists it from the two lock
// files, the gateway's and the page's; what is different each time (a serial number, the hour) is left out, so that two builds are equal.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
}

interface Bom {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string; 'bom-ref': string } };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

function bomOf(folder: string): Bom {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const text = execFileSync('npm', args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  // The shape npm documents.
  const bom = JSON.parse(text) as Bom;
  // Not by --omit: npm then leaves out as well what a tool of ours uses beside the gateway.
  const used = usedBy(folder);
  bom.components = bom.components.filter((one) => used.has(one['bom-ref']));
  bom.dependencies = bom.dependencies.filter(
    ({ ref }) => used.has(ref) || ref === bom.metadata.component['bom-ref'],
  );
  for (const one of bom.dependencies) one.dependsOn = one.dependsOn?.filter((ref) => used.has(ref)) ?? [];
  return bom;
}

/** `name@version` of all that is no tool of development, by the lock file. */
function usedBy(folder: string): Set<string> {
  const { packages } = JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { name?: string; version?: string; dev?: boolean }>;
  };
  return new Set(
    Object.entries(packages)
      .filter(([place, { dev }]) => place !== '' && dev !== true)
      .map(([place, { name, version }]) => `${name ?? place.split('node_modules/').at(-1)}@${version}`),
  );
}

/** One list: what the page is built from is part of the package, too. */
export function sbom(): string {
  const [gateway, page] = [bomOf(root), bomOf(path.join(root, 'ui'))];
  const { name } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { name: string };
  // npm takes the folder's name.
  gateway.metadata.component.name = name;
  delete gateway.serialNumber;
  delete gateway.metadata.timestamp;
  const known = new Set(gateway.components.map((one) => one['bom-ref']));
  gateway.components.push(...page.components.filter((one) => !known.has(one['bom-ref'])));
  const listed = new Set(gateway.dependencies.map(({ ref }) => ref));
  gateway.dependencies.push(...page.dependencies.filter(({ ref }) => !listed.has(ref)));
  return `${JSON.stringify(gateway, null, 2)}\n`;
}

if (import.meta.main) {
  const file = path.resolve(process.argv[2] ?? path.join(root, 'dist/sbom.cdx.json'));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, sbom());
}
