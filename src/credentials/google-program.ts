// A workload's token from a program of its own (`executable` of a credentials file). Run by the primary, and only where the
// environment allows it, as Google's tools have it: who can write that file could run anything.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { JsonObject } from '../contracts/json.ts';
import { parseObject, stringAt } from '../dialects/lenient.ts';
import { CredentialFault, type ObtainContext, textOf } from './token-request.ts';

const ALLOWED = 'GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES';
const USUAL_MS = 30_000;
const LEAST_MS = 5_000;
const MOST_MS = 120_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const SAML = 'urn:ietf:params:oauth:token-type:saml2';
/** Words of a command; quotes hold one together. */
const WORDS = /(?:[^\s"]+|"[^"]*")+/g;

/** @throws CredentialFault, which quotes nothing of what the program said but its own code. */
export async function tokenOfProgram(
  executable: JsonObject,
  account: JsonObject,
  { env, signal, wall }: ObtainContext,
): Promise<string> {
  if (env[ALLOWED] !== '1')
    throw new CredentialFault(`a program is run for a workload’s token only with ${ALLOWED}=1`);
  const command = textOf(executable, 'command');
  const outputFile = stringAt(executable, 'output_file');
  const kept = outputFile === null ? null : await keptIn(outputFile, wall());
  if (kept !== null) return kept;
  const [program, ...args] = (command.match(WORDS) ?? []).map((word) => word.replaceAll('"', ''));
  const stated = executable.timeout_millis;
  const timeout = typeof stated === 'number' ? Math.min(Math.max(stated, LEAST_MS), MOST_MS) : USUAL_MS;
  const acted = /\/serviceAccounts\/([^/:]+):/.exec(
    stringAt(account, 'service_account_impersonation_url') ?? '',
  )?.[1];
  const said = await run(program ?? '', args, {
    signal,
    timeout,
    env: {
      ...env,
      GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: textOf(account, 'audience'),
      GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: textOf(account, 'subject_token_type'),
      GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE: '0',
      ...(acted && { GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL: acted }),
      ...(outputFile !== null && { GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE: outputFile }),
    },
  });
  return tokenIn(said, wall());
}

interface RunOptions {
  signal: AbortSignal;
  timeout: number;
  env: ObtainContext['env'];
}

function run(program: string, args: readonly string[], { env, ...options }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { ...options, env: { ...env }, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true },
      (fault, stdout) => {
        if (fault === null) resolve(stdout);
        else reject(new CredentialFault('the workload’s program failed, or did not end in time', fault));
      },
    );
  });
}

/** A token of an earlier run that still holds; null = there is none. */
async function keptIn(file: string, nowMs: number): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const said = text === null ? null : parseObject(text);
  if (said?.success !== true || typeof said.expiration_time !== 'number') return null;
  return said.expiration_time * 1000 <= nowMs ? null : tokenIn(text!, nowMs);
}

function tokenIn(text: string, nowMs: number): string {
  const said = parseObject(text);
  if (said === null) throw new CredentialFault('the workload’s program did not say a JSON object');
  if (said.version !== 1)
    throw new CredentialFault('the workload’s program speaks a version that is not known');
  if (said.success !== true) {
    const code = stringAt(said, 'code') ?? '';
    throw new CredentialFault(
      `the workload’s program refused${/^[\w.-]{1,100}$/.test(code) ? ` (${code})` : ''}`,
    );
  }
  const ends = said.expiration_time;
  if (typeof ends === 'number' && ends * 1000 <= nowMs)
    throw new CredentialFault('the workload’s program gave a token that has expired already');
  return textOf(said, said.token_type === SAML ? 'saml_response' : 'id_token');
}
