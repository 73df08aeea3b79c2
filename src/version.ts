// The version as package.json states it, for /health, the user agent and `headgate version`.
import { createRequire } from 'node:module';

/** `package.json` stands one folder up in the repository and two in dist/. */
function read(): string {
  const require = createRequire(import.meta.url);
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const found = require(path) as { name?: string; version?: string };
      if (found.name === 'headgate' && found.version !== undefined) return found.version;
    } catch {
      // not here: the other place
    }
  }
  return '0.0.0';
}

export const VERSION: string = read();
