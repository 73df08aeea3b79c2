// Every cell of the matrix: what each dialect's clients ask, as each other dialect's provider is asked it; what each provider
// answers, as each other dialect's clients read it. Inputs stand once a dialect (inputs/<dialect>/request-*.json,
// answer-*.json; recorded/<dialect>/ are its streams), what must come of them in matrix/<from>-to-<to>/, to be
// reviewed as a diff. `UPDATE_GOLDEN=1` writes it anew.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectBody } from '../../src/body/inspect.ts';
import { parseLossless } from '../../src/body/lossless.ts';
import type { EncodeTarget } from '../../src/contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import type { AnswerContext, Dialect } from '../../src/contracts/dialect.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import type { JsonObject } from '../../src/contracts/json.ts';
import { sealAnswer } from '../../src/dialects/proofs.ts';
import { translateBody } from '../../src/dialects/translate.ts';
import { dialects } from '../../src/registry/dialects.ts';
import { framesOf } from '../kit/frames.ts';
import { relayStream } from '../kit/relay-stream.ts';

const ROOT = import.meta.dirname;
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';
const ALL: readonly Dialect[] = Object.values(dialects);
const CONTEXT: AnswerContext = {
  requestId: 'req_golden',
  model: 'asked-for',
  now: 1_760_000_000,
  includeUsage: true,
};
const PAIRS = ALL.flatMap((from) => ALL.filter((to) => to !== from).map((to) => [from.name, to.name, from, to] as const));

const maker = ({ manner, name }: Dialect): string => manner.maker ?? `maker-of-${name}`;

function target(to: Dialect): EncodeTarget {
  return {
    model: 'upstream-model',
    provider: 'some-provider',
    maker: maker(to),
    capabilities: UNKNOWN_CAPABILITIES[to.name],
    streamUsage: true,
    defaultMaxTokens: 4096,
    legacyMaxTokens: false,
    strict: false,
  };
}

const pretty = (text: string): string => JSON.stringify(parseLossless(text, true), null, 2);

function refused(error: unknown): string {
  if (!(error instanceof GatewayError)) throw error;
  return `refused ${error.status} ${error.code} ${error.param}\n${error.publicMessage}`;
}

function request(input: string, from: Dialect, to: Dialect): string {
  try {
    const body = Buffer.from(input);
    const encoded = translateBody(body, inspectBody(body).exoticNumbers, from, to, target(to));
    const notes = [
      ...encoded.dropped.map((path) => `dropped ${path}`),
      ...encoded.adapted.map((path) => `adapted ${path}`),
    ];
    return [pretty(encoded.body), ...notes].join('\n');
  } catch (error) {
    return refused(error);
  }
}

function answer(input: string, from: Dialect, to: Dialect): string {
  try {
    const decoded = from.chat.decodeAnswer(parseLossless(input, true) as JsonObject);
    return pretty(to.chat.encodeAnswer(sealAnswer(decoded, to.manner, maker(from)), CONTEXT));
  } catch (error) {
    return refused(error);
  }
}

function files(folder: string, match: RegExp): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => match.test(name)).sort() : [];
}

/** Made up by chance where the source has none. */
const withoutChance = (text: string): string => text.replace(/call_[0-9a-f]{24}/g, 'call_made_up');

function check(path: string, actual: string): void {
  const text = `${withoutChance(actual).trimEnd()}\n`;
  if (UPDATE) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else expect(text).toBe(readFileSync(path, 'utf8'));
}

describe.each(PAIRS)('%s to %s', (fromName, toName, from, to) => {
  const expected = join(ROOT, 'matrix', `${fromName}-to-${toName}`);
  const inputs = join(ROOT, 'inputs', fromName);
  const recorded = join(ROOT, 'recorded', fromName);

  it.each(files(inputs, /^request-/))('%s', (name) => {
    check(join(expected, name.replace('.json', '.txt')), request(readFileSync(join(inputs, name), 'utf8'), from, to));
  });

  it.each(files(inputs, /^answer-/))('%s', (name) => {
    check(join(expected, name.replace('.json', '.txt')), answer(readFileSync(join(inputs, name), 'utf8'), from, to));
  });

  // How streams of every kind come out is said beside their decoders and encoders: two of them stand for the cell.
  it.each(files(recorded, /^(text|parallel-tools|tools|thinking)\./))('%s', (name) => {
    const bytes = readFileSync(join(recorded, name));
    const stream = name.endsWith('.frames') ? framesOf(bytes.toString(), from.chat.framing.name) : bytes;
    const relayed = relayStream([stream], from, to, CONTEXT, false, true);
    check(join(expected, `stream-${name.replace(/\.\w+$/, '.txt')}`), relayed.text);
  });
});
