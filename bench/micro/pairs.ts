// What each ordered pair of dialects costs: a request of 1 KB, and a streamed piece of text, beside the byte path of the
// dialect that it comes from. Prints the tables of docs/performance.md.
// Run on a quiet core: scripts/node taskset -c 1 node bench/micro/pairs.ts
import { inspectBody } from '../../src/body/inspect.ts';
import { splice } from '../../src/body/splice.ts';
import type { EncodeTarget } from '../../src/contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import type { Delta } from '../../src/contracts/chat.ts';
import type { AnswerContext, Dialect } from '../../src/contracts/dialect.ts';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import { translateBody } from '../../src/dialects/translate.ts';
import { ByteRelay } from '../../src/pipeline/answer/byte-relay.ts';
import type { Relay, StreamOut } from '../../src/pipeline/answer/stream-relay.ts';
import { TranslateRelay } from '../../src/pipeline/answer/translate-relay.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { FrameWriter } from '../../src/wire/frame-writer.ts';
import { chatBody } from './bodies.ts';
import { measure } from './measure.ts';

const NAMES: readonly DialectName[] = [
  'openai-chat',
  'openai-responses',
  'anthropic',
  'gemini',
  'bedrock',
  'cohere',
];
/** Pieces of text in a stream: its beginning and end are shared among them. */
const PIECES = 256;
/** Short rounds, of which the fastest counts: the others were shared with whatever else the machine does. */
const ROUNDS = { rounds: 12, roundMs: 8 };

const context: AnswerContext = {
  requestId: 'req_1',
  model: 'model-b',
  now: 1_760_000_000,
  includeUsage: true,
};

const targetOf = ({ name, manner }: Dialect): EncodeTarget => ({
  model: 'model-b',
  provider: 'other',
  ...(manner.maker !== null && { maker: manner.maker }),
  capabilities: UNKNOWN_CAPABILITIES[name],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
});

const chat = dialectByName('openai-chat');
const bodyOf = (to: Dialect): Buffer => {
  const body = chatBody(1024);
  if (to === chat) return body;
  return Buffer.from(translateBody(body, inspectBody(body).exoticNumbers, chat, to, targetOf(to)).body);
};

/** A request read, made for its target and laid out as it goes out. */
function requestNs(from: Dialect, to: Dialect, body: Buffer): number {
  const target = targetOf(to);
  const run =
    from === to
      ? () => {
          const facts = inspectBody(body);
          const mended = from.chat.mend?.(body, facts, target) ?? null;
          return splice(body, mended?.edits ?? from.chat.splice(facts, target)).length;
        }
      : () => Buffer.from(translateBody(body, inspectBody(body).exoticNumbers, from, to, target).body).length;
  return measure(run, ROUNDS).minNs;
}

/** A stream in the words of a dialect, an event a piece, as sockets hand them on. */
function streamOf({ chat: { createEncoder, framing } }: Dialect): Buffer[] {
  const encoder = createEncoder(context);
  const frames = new FrameWriter(framing);
  const deltas: Delta[] = [
    { kind: 'start', id: 'id-1', model: 'model-b', created: 1_760_000_000, usage: null },
    { kind: 'open', index: 0, block: 'text' },
  ];
  for (let at = 0; at < PIECES; at++) deltas.push({ kind: 'text', index: 0, text: ` t${at & 63}` });
  const usage = { cacheRead: 0, cacheWriteShort: null, cacheWriteLong: null, reasoning: 0 };
  deltas.push(
    { kind: 'close', index: 0 },
    { kind: 'stop', reason: 'end', stopSequence: null },
    { kind: 'usage', usage: { input: 30, output: PIECES, ...usage } },
    { kind: 'end' },
  );
  const chunks: Buffer[] = [];
  for (const delta of deltas) {
    encoder.encode(delta, frames);
    if (delta.kind === 'end') frames.close();
    const bytes = frames.take();
    if (bytes.length > 0) chunks.push(Buffer.from(bytes as string));
  }
  return chunks;
}

function chunkNs(from: Dialect, to: Dialect, chunks: readonly Buffer[]): number {
  const { framing } = from.chat;
  let written = 0;
  const out: StreamOut = {
    gated: false,
    write: (bytes) => {
      written += bytes.length;
    },
    faulted: (fault) => new Error(fault.message) as never,
    malformed() {},
  };
  const run = (): number => {
    written = 0;
    const scanner = framing.createScanner({ maxEventBytes: 1 << 20 });
    const relay: Relay =
      from === to
        ? new ByteRelay(scanner, from.chat.createWatcher(context), out)
        : new TranslateRelay(
            scanner,
            from.chat.createDecoder(),
            to.chat.createEncoder(context),
            to.chat.framing,
            out,
          );
    for (const chunk of chunks) relay.data(chunk);
    if (!relay.finished) relay.ended();
    relay.close();
    return written;
  };
  return measure(run, ROUNDS).minNs / PIECES;
}

type Cost = (from: Dialect, to: Dialect) => number;

/** What else the machine does lasts for seconds: each pair has several chances, far apart. */
const PASSES = 8;

function table(title: string, cost: Cost): void {
  const best = new Map<string, number>();
  const measurePair = (from: DialectName, to: DialectName): void => {
    const ns = cost(dialectByName(from), dialectByName(to));
    best.set(`${from} ${to}`, Math.min(ns, best.get(`${from} ${to}`) ?? ns));
  };
  for (let pass = 0; pass < PASSES; pass++)
    for (const from of NAMES) for (const to of NAMES) measurePair(from, to);
  console.log(`\n${title}\n`);
  console.log(`| from \\ to | ${NAMES.join(' | ')} |`);
  console.log(`|---|${NAMES.map(() => '---:').join('|')}|`);
  for (const name of NAMES) {
    const own = best.get(`${name} ${name}`)!;
    const cells = NAMES.map((other) => {
      const ns = best.get(`${name} ${other}`)!;
      const us = (ns / 1000).toFixed(2);
      return other === name ? `**${us}**` : `${us} (${(ns / own).toFixed(1)})`;
    });
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

const bodies = new Map(NAMES.map((name) => [name, bodyOf(dialectByName(name))]));
const streams = new Map(NAMES.map((name) => [name, streamOf(dialectByName(name))]));
table('A request of 1 KB, in us (and how many times the byte path):', (from, to) =>
  requestNs(from, to, bodies.get(from.name)!),
);
table('A streamed piece of text, in us (and how many times the byte path):', (from, to) =>
  chunkNs(from, to, streams.get(from.name)!),
);
