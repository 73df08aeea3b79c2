// What was bundled (scripts/small-bundle.ts) starts at half of the CPU that its modules take. A checkout without what bundles runs modules.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Of a bundle, which is CommonJS. */
declare const __dirname: string | undefined;

type Bundled = 'primary' | 'worker' | 'gatehouse';

/**
 * Of the same bundle as this process, whatever was built meanwhile; the newest, where it runs as modules, or an installation in the place of
 * its own took the bundle away.
 *
 * @returns the file of a process that was bundled; null = it runs as modules
 */
export function bundled(name: Bundled): string | null {
  return (typeof __dirname === 'string' ? fileIn(__dirname, name) : null) ?? newestBundled(name);
}

/** As `bundled`, of the last that was built. */
export function newestBundled(name: Bundled): string | null {
  const quick = path.join(import.meta.dirname, '../../quick');
  try {
    return fileIn(path.join(quick, readFileSync(path.join(quick, 'current'), 'utf8')), name);
  } catch {
    return null;
  }
}

function fileIn(folder: string, name: Bundled): string | null {
  const file = path.join(folder, `${name}.cjs`);
  return existsSync(file) ? file : null;
}
