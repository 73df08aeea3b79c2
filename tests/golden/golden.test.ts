// Walks the files of this folder: each holds an input and what must come of it, to be reviewed as a diff.
// `UPDATE_GOLDEN=1` writes the expected parts anew; read every changed line against wire.md before committing it.
//
//   requests/<client>-to-<upstream>/   a client's body            -> the body sent upstream, and what was lost
//   answers/<upstream>-to-<client>/    an upstream's answer       -> the client's answer
//   streams/<upstream>-to-<client>/    an upstream's stream       -> the client's stream, faults and cuts included
//   errors/<upstream>-to-<client>/     status, headers and body of a refusal -> the same for the client
//   bytes/<dialect>/                   a client's body            -> the same bytes but for the spliced values
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Capabilities, UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import type { EncodeTarget } from '../../src/contracts/body.ts';
import { inspectBody } from '../../src/body/inspect.ts';
import { parseLossless } from '../../src/body/lossless.ts';
import { applyEdits } from '../../src/body/splice.ts';
import { translateBody } from '../../src/dialects/translate.ts';
import type { AnswerContext, Dialect } from '../../src/contracts/dialect.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import type { Json, JsonObject } from '../../src/contracts/json.ts';
import { faultError } from '../../src/dialects/fault-error.ts';
import { dialects } from '../../src/registry/dialects.ts';
import { relayStream } from '../kit/relay-stream.ts';

const ROOT = import.meta.dirname;
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';
const DIALECTS: Record<string, Dialect> = dialects;
const REQUEST_ID = 'req_golden';
const CONTEXT: AnswerContext = {
  requestId: REQUEST_ID,
  model: 'asked-for',
  now: 1_760_000_000,
  includeUsage: true,
};

/** A file is `# comment`, then optionally `=== options` with JSON, then `=== input` and `=== expected`. */
interface Golden {
  head: string;
  options: Record<string, Json>;
  input: string;
  expected: string;
}

function read(path: string): Golden {
  const text = readFileSync(path, 'utf8');
  const match = /^((?:#.*\n)+(?:=== options\n(.*)\n)?=== input\n)([\s\S]*?)\n=== expected\n([\s\S]*)$/.exec(
    text,
  );
  if (match === null) throw new Error(`${path} is no golden file`);
  return {
    head: match[1]!,
    options: match[2] === undefined ? {} : (JSON.parse(match[2]) as Record<string, Json>),
    input: match[3]!,
    expected: match[4]!.replace(/\n$/, ''),
  };
}

function targetOf({ capabilities, ...options }: Record<string, Json>, to: Dialect): EncodeTarget {
  return {
    model: 'upstream-model',
    provider: 'some-provider',
    maker: to.manner.maker ?? 'some-provider',
    capabilities: { ...UNKNOWN_CAPABILITIES[to.name], ...(capabilities as Partial<Capabilities>) },
    streamUsage: true,
    defaultMaxTokens: 4096,
    legacyMaxTokens: false,
    strict: false,
    ...options,
  };
}

function pretty(text: string): string {
  return JSON.stringify(parseLossless(text, true), null, 2);
}

function refused(error: unknown): string {
  if (!(error instanceof GatewayError)) throw error;
  return `refused ${error.status} ${error.code} ${error.param}\n${error.publicMessage}`;
}

function request({ input, options }: Golden, from: Dialect, to: Dialect): string {
  try {
    const body = Buffer.from(input);
    const exotic = inspectBody(body).exoticNumbers;
    const encoded = translateBody(body, exotic, from, to, targetOf(options, to));
    const lines = [pretty(encoded.body)];
    for (const path of encoded.dropped) lines.push(`dropped ${path}`);
    for (const path of encoded.adapted) lines.push(`adapted ${path}`);
    return lines.join('\n');
  } catch (error) {
    return refused(error);
  }
}

function answer({ input }: Golden, from: Dialect, to: Dialect): string {
  try {
    return pretty(to.chat.encodeAnswer(from.chat.decodeAnswer(parseLossless(input, true) as JsonObject), CONTEXT));
  } catch (error) {
    return refused(error);
  }
}

function stream({ input, options }: Golden, from: Dialect, to: Dialect): string {
  return relayStream([Buffer.from(`${input}\n\n`)], from, to, { ...CONTEXT, ...options }).text.trimEnd();
}

// `HTTP 429`, header lines, an empty line, the body.
function error({ input }: Golden, from: Dialect, to: Dialect): string {
  const [head, ...rest] = input.split('\n\n');
  const [first, ...lines] = head!.split('\n');
  const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
  const fault = from.errors.decode(Number(first!.split(' ')[1]), headers, Buffer.from(rest.join('\n\n')));
  const out = to.errors.encode(faultError(fault), REQUEST_ID);
  const written = Object.entries(out.headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP ${out.status}`, ...written, '', out.body].join('\n');
}

function bytes({ input, options }: Golden, from: Dialect): string {
  const body = Buffer.from(input);
  return applyEdits(body, from.chat.splice(inspectBody(body), targetOf(options, from))).toString();
}

const RUNNERS = { requests: request, answers: answer, streams: stream, errors: error, bytes };

for (const [kind, run] of Object.entries(RUNNERS)) {
  const files = readdirSync(join(ROOT, kind), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.golden'),
  );
  describe(kind, () => {
    it.each(files.sort())('%s', (name) => {
      const path = join(ROOT, kind, name);
      const golden = read(path);
      const [from, to = from] = basename(dirname(name)).split('-to-');
      const actual = run(golden, DIALECTS[from!]!, DIALECTS[to!]!);
      if (UPDATE) writeFileSync(path, `${golden.head}${golden.input}\n=== expected\n${actual}\n`);
      else expect(`${actual}\n`).toBe(`${golden.expected}\n`);
    });
  });
}
