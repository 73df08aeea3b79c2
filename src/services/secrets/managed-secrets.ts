// Secrets that managers of secrets keep, as this process knows them: read when a configuration refers to them, again now and
// then, and as they were while their manager does not answer.
import type { ManagedSecret } from '../../config/references.ts';
import { abortBehindTurns } from '../../ipc/behind-reads.ts';
import { ServiceFault } from '../ask.ts';
import { SECRET_TIMEOUT_MS, SecretFault, type SecretSource } from './secret-source.ts';

export interface ManagedSecrets {
  /** By reference; what stands here was read, or could not be. */
  readonly values: ReadonlyMap<string, ManagedSecret>;
  /** Reads those that are not known; what nobody refers to any more is forgotten. Never rejects. */
  want(references: readonly string[]): Promise<void>;
  /** Reads all of them again. Resolves with whether one is another now. Never rejects. */
  refresh(): Promise<boolean>;
}

/** @param failed hears why a secret that is known could not be read again; the reference holds no secret. */
export function createManagedSecrets(
  sources: readonly SecretSource[],
  failed: (reference: string, reason: string) => void,
): ManagedSecrets {
  const values = new Map<string, ManagedSecret>();

  async function read(reference: string): Promise<boolean> {
    const before = values.get(reference);
    const after = await ask(reference);
    if ('fault' in after && before !== undefined && 'value' in before) {
      failed(reference, after.fault);
      return false; // stale, and better than none
    }
    values.set(reference, after);
    return JSON.stringify(before) !== JSON.stringify(after);
  }

  async function ask(reference: string): Promise<ManagedSecret> {
    const source = sources.find(({ prefix }) => reference.startsWith(prefix));
    if (source === undefined) return { fault: 'no manager of secrets is known by that name' };
    const [name = '', field] = reference.slice(source.prefix.length).split(/#(.*)/s);
    try {
      const text = await source.read(name, abortBehindTurns(SECRET_TIMEOUT_MS));
      return field === undefined ? whole(text) : fieldOf(text, field);
    } catch (error) {
      return { fault: `its manager of secrets: ${reasonOf(error)}` };
    }
  }

  return {
    values,
    async want(references) {
      const wanted = new Set(references);
      for (const known of values.keys()) if (!wanted.has(known)) values.delete(known);
      const missing = [...wanted].filter((reference) => !('value' in (values.get(reference) ?? {})));
      await Promise.all(missing.map(read));
    },
    async refresh() {
      const changes = await Promise.all([...values.keys()].map(read));
      return changes.includes(true);
    },
  };
}

function whole(text: string): ManagedSecret {
  const value = text.trimEnd();
  return value === '' ? { fault: 'the secret is empty' } : { value };
}

function fieldOf(text: string, field: string): ManagedSecret {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return { fault: 'the secret is no JSON, and so has no fields' };
  }
  const has = typeof read === 'object' && read !== null && Object.hasOwn(read, field);
  const value = has ? (read as Record<string, unknown>)[field] : undefined; // an object, as was just seen
  return typeof value === 'string' && value !== '' ? { value } : { fault: 'the secret has no such field' };
}

/** Words of ours alone: what a server or a library says may hold what it was told. */
function reasonOf(error: unknown): string {
  if (error instanceof SecretFault) return error.message;
  if (error instanceof ServiceFault) return `it gave no answer (${error.reason})`;
  if (error instanceof Error && error.name === 'CredentialFault') return error.message;
  return 'its answer cannot be read';
}
