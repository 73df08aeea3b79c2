// What is read of a batch for a call, charged as it is read: its object, a list of them, or its results line by line.
import type { Call } from '../../contracts/call.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { isObject } from '../../dialects/read.ts';
import type { BatchCharges } from './batch-charges.ts';
import { batchIn, batchUse, isCohere } from './batch-object.ts';
import { resultOf } from './batch-result.ts';
import { BatchSums } from './batch-sums.ts';
import { LongLine } from './long-line.ts';

/** Results that are charged as one: a client that leaves before the end has not read more than so many for nothing. */
const PART_LINES = 500;
/** A line that is longer is not kept as it is: it holds pictures, sound or vectors. */
const KEPT_LINE_BYTES = 256 * 1024;
const LF = 10;

export interface BatchReaderDeps {
  readonly charges: BatchCharges;
  dialect(name: DialectName): Dialect;
}

export class BatchReader {
  readonly #deps: BatchReaderDeps;
  readonly #call: Call;
  readonly #id: string;
  readonly #sums: BatchSums;
  readonly #named: (told: string) => string;
  /** The line that has not ended. */
  #line: Buffer[] = [];
  #lineBytes = 0;
  /** What is left of it where it is long; null = it is not. */
  #long: LongLine | null = null;
  #lines = 0;
  #part = 0;
  #results = 0;
  #charged: Promise<unknown> = Promise.resolve();

  /**
   * @param id of the results that are read; '' = none are: a batch, or a list of them
   * @param named the model that worked, of the one that a result names; as it says by default
   */
  constructor(
    deps: BatchReaderDeps,
    call: Call,
    id: string,
    named: (told: string) => string = (told) => told,
  ) {
    this.#deps = deps;
    this.#call = call;
    this.#id = id;
    this.#named = named;
    this.#sums = new BatchSums((model) => deps.charges.priceOf(call, model));
  }

  /** A batch, or a list of them. Resolves when what they say was used is charged. */
  async object(object: JsonObject): Promise<void> {
    const charges: Promise<unknown>[] = [];
    for (const [nth, one] of toldIn(object).entries()) {
      if (!isObject(one)) continue;
      const use = batchUse(one, this.#deps.dialect);
      if (use === null) continue;
      for (const result of use.results) this.#sums.add(result, use.requests);
      charges.push(this.#deps.charges.charge(this.#call, use.id, 'told', null, this.#sums.take(), nth));
    }
    await Promise.all(charges);
  }

  /** Some of the results. @param bytes are looked at within this turn alone. */
  read(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, from)) {
      this.#add(bytes.subarray(from, end));
      this.#ended();
      from = end + 1;
    }
    // Kept beyond this turn, in which the bytes are ours.
    if (from < bytes.length) this.#add(Buffer.from(bytes.subarray(from)));
  }

  /** How many of the results that were read told what they used. */
  get results(): number {
    return this.#results;
  }

  /** They are read to their end. Resolves when they are charged. */
  over(): Promise<unknown> {
    this.#ended();
    this.#charge();
    return this.#charged;
  }

  #add(piece: Buffer): void {
    if (this.#long !== null) {
      this.#long.add(piece);
      return;
    }
    this.#line.push(piece);
    this.#lineBytes += piece.length;
    if (this.#lineBytes <= KEPT_LINE_BYTES) return;
    this.#long = new LongLine();
    for (const before of this.#line) this.#long.add(before);
    this.#line = [];
  }

  #ended(): void {
    const line = this.#long === null ? joined(this.#line) : this.#long.take();
    this.#line = [];
    this.#lineBytes = 0;
    this.#long = null;
    const result = line === null ? null : resultOf(line, this.#deps.dialect);
    if (result !== null) {
      this.#results++;
      this.#sums.add({ ...result, model: this.#named(result.model) });
    }
    this.#lines++;
    if (this.#lines % PART_LINES === 0) this.#charge();
  }

  #charge(): void {
    const sums = this.#sums.take();
    const charge = this.#deps.charges.charge(this.#call, this.#id, 'read', this.#part++, sums);
    this.#charged = Promise.all([this.#charged, charge]);
  }
}

/** Batches of an answer: lists of OpenAI, Google and Cohere name them in members of their own. */
function toldIn(object: JsonObject): readonly Json[] {
  const { object: kind, data, operations, batches } = object;
  if (kind === 'list' && Array.isArray(data)) return data;
  if (Array.isArray(batches) && batches.every((one) => isObject(one) && isCohere(one))) return batches;
  return Array.isArray(operations) ? operations : [batchIn(object)];
}

/** The pieces of a line; null = there are none. */
function joined(pieces: readonly Buffer[]): Buffer | null {
  if (pieces.length <= 1) return pieces[0] ?? null;
  return Buffer.concat(pieces);
}
