// Names in Redis. All keys of one deployment share one hash tag, so that a call that meets limits of its key, of a
// provider and of the whole gateway is one script call in a Cluster too; several deployments spread over the nodes by
// their prefixes (docs/decisions/0005).
import { hash } from 'node:crypto';
import type { Ask, Bucket } from '../../contracts/limits.ts';
import { leasedShare } from '../../limits/lease.ts';
import { type MeterPace, meterPace, mostUnits, wholeUnits } from '../../limits/meter.ts';
import { taggedPrefix } from '../key-prefix.ts';
import { MAX_SLOTS } from './held-slots.ts';

const PLAIN_TOKEN = /^[A-Za-z0-9._:-]{1,64}$/;

/** A bucket as the scripts take it. */
export interface WireBucket {
  readonly key: string;
  /** Null: slots. */
  readonly pace: MeterPace | null;
  /** Whole units per period, or slots. */
  readonly limit: number;
  /** Its numbers as a call says them. */
  readonly said: string;
  /** Names the last call it was put into; with its place there no map per call is needed to name each bucket once. */
  call: object | null;
  at: number;
}

/** One part of an ask, for one bucket. */
export interface WireAsk {
  bucket: WireBucket;
  need: number;
  want: number;
}

/** @param share units that all leases together may hold unspent */
export function wireBucket(key: string, pace: MeterPace | null, limit: number, share: number): WireBucket {
  const said =
    pace === null ? `${limit},${share}` : `${pace.spacingUs},${pace.spacingFrac},${pace.burst},${share}`;
  return { key, pace, limit, said, call: null, at: 0 };
}

export class KeyNames {
  readonly askers: string;
  readonly epoch: string;
  /** Begins the record of what a token was granted; the token ends it. */
  readonly record: string;
  readonly #tagged: string;
  readonly #wire = new WeakMap<Bucket, WireBucket>();

  /** @param prefix a `{tag}` in it is kept, else it is the tag. */
  constructor(prefix: string) {
    this.#tagged = taggedPrefix(prefix);
    this.askers = `${this.#tagged}:m`;
    this.epoch = `${this.#tagged}:e`;
    this.record = `${this.#tagged}:t:`;
  }

  /** Made once for each bucket that somebody holds: a third of what an ask cost went into its names and numbers. */
  wire(bucket: Bucket): WireBucket {
    let wire = this.#wire.get(bucket);
    if (wire === undefined) this.#wire.set(bucket, (wire = this.#make(bucket)));
    return wire;
  }

  /** @param strict nothing is asked for beyond the call at hand */
  ask({ bucket, need, want }: Ask, strict: boolean): WireAsk {
    const wire = this.wire(bucket);
    const cap = mostUnits(wire.pace);
    let least = wholeUnits(need, cap);
    let most = strict ? least : Math.max(least, Math.min(cap, Math.floor(want) || 0));
    if (wire.pace === null) {
      least = Math.min(least, MAX_SLOTS);
      most = Math.min(most, MAX_SLOTS);
    }
    return { bucket: wire, need: least, want: most };
  }

  #make({ id, rule }: Bucket): WireBucket {
    const slots = rule.dimension === 'concurrent';
    const pace = slots ? null : meterPace(rule);
    return wireBucket(
      `${this.#tagged}:${slots ? 's' : 'r'}:${id}`,
      pace,
      Math.min(mostUnits(pace), Math.floor(rule.limit)),
      Math.min(mostUnits(pace), leasedShare(rule)),
    );
  }
}

/** A token as it may stand in a key and a slot's name: short and without surprises. */
export function plainToken(token: string): string {
  return PLAIN_TOKEN.test(token) ? token : hash('sha256', token, 'base64url');
}
