// Which versions of our own libraries the numbers are from.
import { fileURLToPath } from 'node:url';
import { fittingBuild } from '../src/http/exchange/loader.ts';
import { npmVersion } from './peers/program.ts';

/** Null when it is not installed. @param folder its place in node_modules, where that is not its name. */
export function installedVersion(name: string, folder = name): string | null {
  return npmVersion(fileURLToPath(new URL(`../node_modules/${folder}/package.json`, import.meta.url)), name);
}

/** Of the build of uWebSockets.js that this process loads; both builds are of one package. */
export function uwsVersion(): string | null {
  const build = fittingBuild();
  return 'name' in build ? installedVersion('@uwsjs/core', build.name) : null;
}
