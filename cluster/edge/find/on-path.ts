// Programs on the search path.
import { accessSync, constants, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** Path of a program; null = it is not there. @param search as `PATH` has it */
export function onPath(program: string, search: string): string | null {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of search.split(path.delimiter).filter((one) => one !== ''))
    for (const ending of endings) {
      const file = path.join(folder, program + ending);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not in this folder.
      }
    }
  return null;
}

/** Folders that are looked at upwards from a program. */
const UP = 6;

/** What the package says that a program belongs to; '' = it is in none. The program is not run. */
export function packageVersion(program: string): string {
  let folder: string;
  try {
    folder = path.dirname(realpathSync(program));
  } catch {
    return '';
  }
  for (let up = 0; up < UP; up++, folder = path.dirname(folder)) {
    try {
      const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
        version?: unknown;
      };
      return typeof version === 'string' ? version.slice(0, 128) : '';
    } catch {
      // None here, or one that cannot be read.
    }
  }
  return '';
}
