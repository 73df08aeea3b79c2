// This call at this target: the body made for it, what that body lost or changed, the keys that were tried. A call has one
// leg for each target it comes to; all attempts there share it.
import { mergeEdits, splice } from '../../body/splice.ts';
import type { TargetHold } from '../../contracts/admission.ts';
import type { BodySource } from '../../contracts/body-source.ts';
import type { Edit, EncodedRequest, EncodeTarget, ToolMemory } from '../../contracts/body.ts';
import { type Call, NONE } from '../../contracts/call.ts';
import { codecOf, type Dialect } from '../../contracts/dialect.ts';
import type { RingKey } from '../../contracts/lane.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { KeyChoice, Pin } from '../../contracts/pin.ts';
import type { Target } from '../../contracts/plan.ts';
import type { MediaFetcher, WantedMedia } from '../../contracts/media.ts';
import type { Offload } from '../../contracts/ports.ts';
import type { RequestBody } from '../../contracts/upstream.ts';
import { isProofRefusal } from '../../dialects/proof-refusal.ts';
import { unsupported } from '../../dialects/losses.ts';
import { pinOf } from '../conversation.ts';
import { encodeTargetFor } from '../overrides.ts';
import { rawBody } from '../raw/raw-body.ts';
import { isLarge, type Source, translateHere, translateInThread } from '../translate-body.ts';

/** A body, made for its target. Null: the request has none. */
type Made = RequestBody | BodySource | null;

export class Leg {
  readonly target: Target;
  /** Dialect of the client. */
  readonly client: Dialect;
  readonly translated: boolean;
  /** Null until it is made. */
  body: RequestBody | BodySource | null = null;
  /** What that body's translation changed of the client's tools. */
  tools: ToolMemory | null = null;
  /** Files were, for its body. */
  fetched = false;
  /** To keys of which organisation its attempts go; null = there is but one. */
  readonly pin: Pin | null;
  /** By what its attempts choose a key beside the weights; null = by nothing. */
  readonly choice: KeyChoice | null;
  /** The target refused its proofs of reasoning: it is made without. */
  #unproven = false;
  /** Attempts so far. */
  attempts = 0;
  /** What the attempt of the moment holds of the provider's limits. */
  hold: TargetHold | null = null;
  /** Keys that are not to be picked again here. */
  triedKeys: readonly RingKey[] = [];
  readonly #call: Call;
  /** Gives up what the body waits for; null = it waits for nothing. */
  #waits: AbortController | null = null;

  /** Says on the call where it is now: who reads it later finds the leg that answered, or was the last. */
  constructor(call: Call, target: Target, client: Dialect) {
    this.#call = call;
    this.target = target;
    this.client = client;
    this.translated =
      target.dialect.name !== client.name ||
      target.operation !== call.operation!.name ||
      codecOf(target.dialect, target.operation)?.rewrites?.(target.encode, call.body!, call.facts!) === true;
    const steady = target.steady === true;
    const { organizations } = target.lane.keys;
    const pin = steady || organizations !== undefined ? pinOf(call) : null;
    this.pin = organizations === undefined ? null : pin;
    this.choice = pin === null ? null : { ...pin, steady };
    call.provider = target.provider.name;
    call.upstreamModel = target.model;
    call.translated = this.translated;
    call.dropped = NONE;
    call.adapted = NONE;
  }

  /**
   * Makes the upstream's body: the client's bytes with our values spliced in, or a translation; a promise where a thread
   * does it, or files have to be fetched for it.
   *
   * @param other made of the client's request and sent in its place; null = it itself.
   * @throws GatewayError when the request cannot be said in the target's dialect.
   */
  makeBody(
    offload: Offload | null,
    media: MediaFetcher | null = null,
    other: Source | null = null,
  ): Made | Promise<Made> {
    if (this.#call.operation!.raw !== undefined) return (this.body = rawBody(this.#call, this.target));
    const encode = this.#encode();
    const source = other ?? this.#own();
    if (!this.translated) return (this.body = this.#edited(source, encode));
    const made = this.#translate(source, offload, encode);
    if (made instanceof Promise)
      return made.then((encoded) =>
        encoded.wanted === undefined
          ? this.#encoded(encoded)
          : this.#fetch(encoded.wanted, source, offload, encode, media),
      );
    if (made.wanted === undefined) return this.#encoded(made);
    return this.#fetch(made.wanted, source, offload, encode, media);
  }

  #own(): Source {
    return { body: this.#call.body!, facts: this.#call.facts! };
  }

  /**
   * Whether the body is to be made once more, without the proofs of reasoning that the target refused with `error`: of another
   * organisation or model, which nothing but its word tells where they stand unwrapped.
   */
  dropProofs(error: GatewayError): boolean {
    if (this.#unproven || this.#call.operation!.raw !== undefined || !isProofRefusal(error)) return false;
    this.#unproven = true;
    return true;
  }

  #encode(): EncodeTarget {
    const encode = encodeTargetFor(this.#call, this.target);
    if (this.pin === null && !this.#unproven) return encode;
    const own = this.pin === null ? {} : { organization: this.#organization(this.pin) };
    return { ...encode, ...own, dropProofs: this.#unproven };
  }

  // What none of its keys made is good at none of them.
  #organization({ organization }: Pin): string {
    const { organizations } = this.target.lane.keys;
    return organization !== null && organizations?.has(organization) === true ? organization : '';
  }

  /** Gives up the thread that works for it, and what is fetched. */
  cancel(): void {
    this.#waits?.abort();
  }

  #translate(
    source: Source,
    offload: Offload | null,
    encode: EncodeTarget,
  ): EncodedRequest | Promise<EncodedRequest> {
    const call = this.#call;
    const { client, target } = this;
    if (!isLarge(call, source, offload)) return translateHere(call, source, client, target, encode);
    return this.#wait((signal) => translateInThread(offload, call, source, client, target, encode, signal));
  }

  /** As makeBody, with the files whose addresses the request holds in their place. */
  async #fetch(
    wanted: readonly WantedMedia[],
    source: Source,
    offload: Offload | null,
    encode: EncodeTarget,
    media: MediaFetcher | null,
  ): Promise<RequestBody> {
    if (media === null) throw unsupported('messages[].content[].url');
    this.fetched = true;
    const { mediaFetch } = this.#call.snapshot.config;
    const files = await this.#wait((signal) => media.fetch(wanted, mediaFetch, signal));
    return this.#encoded(await this.#translate(source, offload, { ...encode, media: files }));
  }

  async #wait<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#waits = new AbortController();
    try {
      return await work(this.#waits.signal);
    } finally {
      this.#waits = null;
    }
  }

  /** The client's own bytes, as this target takes them. */
  #edited({ body, facts }: Source, encode: EncodeTarget): RequestBody {
    const call = this.#call;
    const codec = codecOf(this.client, call.operation!.name)!;
    let edits: Edit[];
    if (this.target.particular && codec.fit !== undefined) {
      const fitted = codec.fit(body, facts, encode);
      call.dropped = fitted.dropped;
      call.adapted = fitted.adapted;
      this.tools = fitted.tools ?? null;
      edits = fitted.edits;
    } else edits = codec.splice(facts, encode);
    const mended = codec.mend?.(body, facts, encode) ?? null;
    if (mended === null) return splice(body, edits);
    call.adapted = [...call.adapted, ...mended.adapted];
    return splice(body, mergeEdits(edits, mended.edits));
  }

  #encoded(encoded: EncodedRequest): Buffer {
    this.#call.dropped = encoded.dropped;
    this.#call.adapted = encoded.adapted;
    this.tools = encoded.tools ?? null;
    this.body = Buffer.from(encoded.body);
    return this.body;
  }
}
