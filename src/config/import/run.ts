// `headgate import`: another gateway's file as ours, and what of it has no counterpart.
import { relative, resolve } from 'node:path';
import { readConfigFile, writeYaml } from '../file.ts';
import { ImportAccount, type Mapping } from './account.ts';
import { importBifrost } from './bifrost.ts';
import { importLitellm } from './litellm.ts';

const IMPORTERS: Readonly<Record<string, (account: ImportAccount) => Mapping>> = {
  litellm: importLitellm,
  bifrost: importBifrost,
};

/** Gateways whose files are read. */
export const IMPORTED: readonly string[] = Object.keys(IMPORTERS);

export interface Imported {
  /** YAML of a headgate.yaml. */
  text: string;
  /** One line each: what of the file has no counterpart, and where it stands. */
  report: string[];
}

/** @param nowMs ms since 1970 @throws ConfigError when the file cannot be read. */
export function importConfig(gateway: string, file: string, cwd: string, nowMs: number): Imported {
  const path = resolve(cwd, file);
  const account = new ImportAccount(readConfigFile(path, relative(cwd, path), { lastKey: true }), nowMs);
  const config = IMPORTERS[gateway]!(account);
  return { text: writeYaml(config), report: account.report() };
}
