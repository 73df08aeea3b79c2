// Which version of a library is installed. Read from its folder: not every package exports its manifest.
import { readFileSync } from 'node:fs';

/** @throws when it is not installed. */
export function installedVersion(name: string): string {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
