// The project that a Google credentials file belongs to: who states the file need not state the project.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Env } from './environment.ts';
import type { ProviderEntry } from './schema/provider.ts';

/** Undefined where no file says it: a machine's metadata server knows, but a start waits for no server. */
export function googleProject({ keys = [] }: ProviderEntry, env: Env, folder: string): string | undefined {
  const stated = keys.flatMap((key) =>
    typeof key === 'string' || key.google === undefined ? [] : [key.google],
  )[0];
  if (stated === undefined && keys.length > 0) return undefined;
  if (stated?.credentials !== undefined) return projectIn(stated.credentials);
  const usual = join(
    env['CLOUDSDK_CONFIG'] || join(env['HOME'] || homedir(), '.config', 'gcloud'),
    'application_default_credentials.json',
  );
  const file = stated?.file ?? (env['GOOGLE_APPLICATION_CREDENTIALS'] || usual);
  try {
    return projectIn(readFileSync(resolve(folder, file), 'utf8'));
  } catch {
    // The one who asks for a token says what is wrong with it.
    return undefined;
  }
}

function projectIn(text: string): string | undefined {
  try {
    const account: unknown = JSON.parse(text);
    if (typeof account !== 'object' || account === null) return undefined;
    const { project_id: own, quota_project_id: quota } = account as Record<string, unknown>; // any JSON object
    const project = own ?? quota;
    return typeof project === 'string' && project !== '' ? project : undefined;
  } catch {
    return undefined;
  }
}
