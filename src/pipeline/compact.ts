// POST /v1/responses/compact: handed on where the upstream compacts itself, else a model is asked for a summary in an ordinary
// call, and its answer becomes a compaction on the way to the client.
import { parseLossless, stringifyJson } from '../body/lossless.ts';
import type { BodyFacts } from '../contracts/body.ts';
import type { Stage } from '../contracts/call.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { HeaderList, Sink } from '../contracts/sink.ts';
import { parseObject } from '../dialects/lenient.ts';
import { compactionOf, summaryRequest } from '../responses/compaction.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import { keeps } from './recall.ts';

const ROUTE = '/v1/responses/compact';

export interface CompactDeps {
  inspect(body: Buffer): BodyFacts;
  randomBytes(count: number): Buffer;
  /** ms since 1970. */
  wall(): number;
}

/** Changes the body and the sink of a call that asks for a compaction where its upstream makes none. */
export function createCompact({ inspect, randomBytes, wall }: CompactDeps): Stage {
  return (call) => {
    if (call.route.template !== ROUTE) return 'continue';
    call.kept = null;
    const able = call.plan!.targets.filter(keeps);
    if (able[0] === call.plan!.targets[0]) {
      call.plan = planOf(call.plan!.name, tiersInOrder(able));
      call.address = '/responses/compact';
      return 'continue';
    }
    const request = parseLossless(call.body!.toString('utf8'), true) as JsonObject; // an object: it was inspected
    call.body = Buffer.from(stringifyJson(summaryRequest(request)));
    call.facts = inspect(call.body);
    const id = randomBytes(20).toString('hex');
    call.sink = new CompactionSink(call.sink, (answer) =>
      compactionOf(answer, id, Math.floor(wall() / 1000)),
    );
    return 'continue';
  };
}

/** A whole answer is changed, all else goes on as it is. */
class CompactionSink implements Sink {
  readonly #inner: Sink;
  readonly #change: (answer: JsonObject) => JsonObject;

  constructor(inner: Sink, change: (answer: JsonObject) => JsonObject) {
    this.#inner = inner;
    this.#change = change;
  }

  get committed(): boolean {
    return this.#inner.committed;
  }
  get closed(): boolean {
    return this.#inner.closed;
  }
  get ending(): boolean {
    return this.#inner.ending;
  }
  get bytesOut(): number {
    return this.#inner.bytesOut;
  }
  get onDrain(): (() => void) | null {
    return this.#inner.onDrain;
  }
  set onDrain(heard: (() => void) | null) {
    this.#inner.onDrain = heard;
  }
  get onTaken(): (() => void) | null {
    return this.#inner.onTaken;
  }
  set onTaken(heard: (() => void) | null) {
    this.#inner.onTaken = heard;
  }

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    const answer = status === 200 ? parseObject(body.toString()) : null;
    this.#inner.reply(status, headers, answer === null ? body : JSON.stringify(this.#change(answer)));
  }
  start(status: number, headers: HeaderList): void {
    this.#inner.start(status, headers);
  }
  chunk(bytes: Buffer | string): boolean {
    return this.#inner.chunk(bytes);
  }
  end(): void {
    this.#inner.end();
  }
  cut(): void {
    this.#inner.cut();
  }
}
