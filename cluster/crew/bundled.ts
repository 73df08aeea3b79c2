// What was bundled (scripts/small-bundle.ts) starts at half of the CPU that its modules take. A checkout without what bundles runs modules.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Of a bundle, which is CommonJS: a process that was loaded from one starts others from the same, whatever was built meanwhile. */
declare const __dirname: string | undefined;

/** @returns the file of a process that was bundled; null = it runs as modules */
export function bundled(name: 'primary' | 'worker' | 'gatehouse'): string | null {
  const folder =
    typeof __dirname === 'string' ? __dirname : currentOf(path.join(import.meta.dirname, '../../quick'));
  const file = folder === null ? null : path.join(folder, `${name}.cjs`);
  return file !== null && existsSync(file) ? file : null;
}

function currentOf(folder: string): string | null {
  try {
    return path.join(folder, readFileSync(path.join(folder, 'current'), 'utf8'));
  } catch {
    return null;
  }
}
