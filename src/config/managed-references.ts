// Which secrets of managers of secrets a configuration refers to: these are read before it is loaded, since loading does not wait.
import { readFileSync } from 'node:fs';
import { readConfigFile } from './file.ts';
import { type FilePlace, findFile } from './find-file.ts';
import { isManaged } from './references.ts';

const MENTIONED = /\b(?:vault|aws-sm|gcp-sm):/;

/** Those of the file and of HEADGATE_ variables. A file that cannot be read has none: loading says what is wrong with it. */
export function managedReferences({ env, cwd, file }: FilePlace): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      if (isManaged(value)) found.add(value.trim());
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
  };
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('HEADGATE_') || value === undefined) continue;
    // A list of keys: `app=vault:…, batch=vault:…`.
    for (const part of value.split(',')) look(part.trim().replace(/^[\w.@-]+=/, ''));
  }
  const path = findFile({ env, cwd, file }, []);
  if (path !== null) {
    try {
      // Most refer to none: a large file is not parsed twice for that.
      if (MENTIONED.test(readFileSync(path, 'latin1'))) look(readConfigFile(path, path).value);
    } catch {
      // Told by loading.
    }
  }
  return [...found];
}
