// Scheduled rotation: a key whose time has come gets a new credential, and the old one holds for a while. The new one waits in
// an envelope until somebody fetches it, once: the holder with the old one, or who administers it.
import { randomBytes } from 'node:crypto';
import type { Store, StoredData, StoredObject } from '../../src/contracts/store.ts';
import type { Envelopes } from '../../src/governance/envelope.ts';
import {
  credentialHash,
  issueCredential,
  rotated,
  rotationDue,
  shownOf,
} from '../../src/governance/virtual-key.ts';
import { parseDurationMs } from '../names/duration.ts';
import { hashesOf } from './holders.ts';

const LOOK_MS = 10_000;
/** Every key is looked at: with a hundred thousand of them less often, so that looking stays below a hundredth of the time. */
const LOOK_SHARE = 100;
const PAGE = 500;
/** How long the old credential holds where nothing is said: long enough for a person to come by. */
const GRACE_MS = 7 * 86_400_000;

export interface RotationDeps {
  readonly store: Store;
  /** Of the hashes. */
  readonly secret: Buffer;
  readonly envelopes: Envelopes;
  /** ms since 1970. */
  now(): number;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface Rotation {
  start(): void;
  /** Rotates what is due now. @returns how many keys that were. */
  look(): Promise<number>;
  stop(): void;
}

const sealPlace = (id: string) => ({ kind: 'key', id, field: 'waiting' });

export function createRotation({ store, secret, envelopes, now, log }: RotationDeps): Rotation {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  async function rotate(key: StoredObject): Promise<boolean> {
    const credential = issueCredential('key', randomBytes);
    const at = now();
    const { current, previous } = rotated(
      hashesOf(key),
      credentialHash(secret, credential),
      at,
      durationOf(key.data['rotateGrace'], GRACE_MS),
    );
    const data: StoredData = {
      ...key.data,
      ...shownOf(credential),
      rotatedAt: new Date(at).toISOString(),
      waiting: true,
      secret: {
        current,
        previous: previous === null ? null : { ...previous },
        waiting: envelopes.seal(credential, sealPlace(key.id)),
      },
    };
    // Found by the old one until the new one was fetched. Of several gateways with one store the first one does it.
    const done = await store.commit(
      [
        {
          op: 'replace',
          kind: 'key',
          id: key.id,
          from: key.version,
          name: key.name,
          lookup: key.lookup,
          data,
        },
      ],
      {
        at,
        initiator: 'schedule',
        action: 'key.rotate',
        target: `key/${key.id}`,
        outcome: 'success',
        reason: '',
        ip: '',
        before: { name: key.name, rotatedAt: key.data['rotatedAt'] ?? null },
        after: { name: key.name, rotatedAt: data['rotatedAt'] ?? null, waiting: true },
      },
    );
    return done.ok;
  }

  async function look(): Promise<number> {
    let done = 0;
    for (let after: string | null = null; ; ) {
      const page: { items: readonly StoredObject[]; next: string | null } = await store.list({
        kind: 'key',
        has: 'rotateEvery',
        after,
        limit: PAGE,
      });
      for (const key of page.items) if (isDue(key, now()) && (await rotate(key))) done += 1;
      after = page.next;
      if (after === null) break;
    }
    if (done > 0) log.info({ keys: done }, 'keys were rotated on schedule');
    return done;
  }

  return {
    look,
    start() {
      const turn = async (): Promise<void> => {
        const begun = performance.now();
        await look().catch((err: unknown) => log.warn({ err }, 'keys that are due could not be rotated'));
        if (!stopped) timer = setTimeout(turn, Math.max(LOOK_MS, LOOK_SHARE * (performance.now() - begun)));
      };
      void turn();
    },
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** One that nobody fetched is not rotated again: whoever holds the one before could follow no more. */
function isDue({ data, createdAt }: StoredObject, now: number): boolean {
  if (data['waiting'] === true || data['blocked'] === true) return false;
  const at = typeof data['rotatedAt'] === 'string' ? Date.parse(data['rotatedAt']) : createdAt;
  return rotationDue(at, durationOf(data['rotateEvery'], 0), now);
}

function durationOf(text: unknown, otherwise: number): number {
  return typeof text === 'string' ? parseDurationMs(text) : otherwise;
}

/** The credential that waits; null = none does. @throws EnvelopeError */
export function waitingCredential({ id, data }: StoredObject, envelopes: Envelopes): string | null {
  const secret = data['secret'];
  const sealed =
    typeof secret === 'object' && secret !== null && 'waiting' in secret ? secret['waiting'] : null;
  return typeof sealed === 'string' ? envelopes.open(sealed, sealPlace(id)) : null;
}

/** What is left once it was fetched. */
export function fetched({ data }: StoredObject, hashes: { current: string; previous: unknown }): StoredData {
  const { waiting: _waiting, ...rest } = data;
  return { ...rest, secret: { current: hashes.current, previous: hashes.previous as StoredData | null } };
}
