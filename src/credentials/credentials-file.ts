// Files that hold credentials, or tokens that stand for them.
import { readFile } from 'node:fs/promises';
import type { JsonObject } from '../contracts/json.ts';
import { parseObject } from '../dialects/lenient.ts';
import { CredentialFault } from './token-request.ts';

/** @throws CredentialFault */
export async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CredentialFault(`${file} cannot be read`, cause);
  }
}

/** @throws CredentialFault when the text is no JSON object. */
export function accountIn(text: string, where: string): JsonObject {
  const account = parseObject(text);
  if (account === null) throw new CredentialFault(`${where}: no credentials of Google’s`);
  return account;
}
