// `headgate cache calibrate`: how often each threshold of the semantic cache is right, over pairs of questions that people labelled, or
// over those of the log, labelled by what was answered to them.
// Vectors are the built-in ones, or those of a model that a running gateway serves.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pairsOf, writePairs } from '../../src/cache/semantic/answered.ts';
import { createBuiltin, normalise } from '../../src/cache/semantic/builtin.ts';
import { calibrate, type Pair, readPairs } from '../../src/cache/semantic/calibrate.ts';
import { type AdminTarget, callAdmin } from './admin-client.ts';
import { targetOf } from './admin-command.ts';
import { answeredIn, type LogWish } from './calibrate-log.ts';
import { asUsage, UsageError } from './usage.ts';

const THRESHOLDS = [0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98];
/** Texts of one request for vectors. */
const BATCH = 128;
/** Pairs grow with the square of it. */
const MOST_QUESTIONS = 500;
/** Of those that are wrong so many are shown. */
const SHOWN = 10;

export interface CalibrateOptions {
  /** File of pairs, or whose log and what of it. */
  pairs: string | (LogWish & { target: AdminTarget });
  /** File that the pairs of the log are written to; null = none. */
  write: string | null;
  /** Of a gateway; used with `model` alone. */
  url: string;
  key: string;
  /** `provider/model` or an alias; null = the built-in vectors. */
  model: string | null;
}

/** @param args behind `cache`. @throws UsageError */
export function readCalibrate(args: readonly string[], env: NodeJS.ProcessEnv): CalibrateOptions {
  const [verb, ...rest] = args;
  if (verb !== 'calibrate') throw new UsageError('`cache` needs a verb: show, purge or calibrate');
  const text = { type: 'string' } as const;
  const { values } = asUsage(() =>
    parseArgs({
      args: rest,
      options: {
        pairs: text,
        log: { type: 'boolean' },
        since: text,
        limit: text,
        write: text,
        model: text,
        url: text,
      },
    }),
  );
  return {
    pairs: values.log === true ? logIn(values, env) : fileIn(values),
    write: values.write ?? null,
    model: values.model ?? null,
    url: values.url ?? 'http://127.0.0.1:8080',
    key: env['HEADGATE_API_KEY'] ?? '',
  };
}

type Values = Readonly<Partial<Record<'pairs' | 'url' | 'since' | 'limit' | 'write', string>>>;

function fileIn({ pairs, since, limit, write }: Values): string {
  if (pairs === undefined) throw new UsageError('`cache calibrate` needs --pairs FILE or --log');
  if (since !== undefined || limit !== undefined || write !== undefined)
    throw new UsageError('`--since`, `--limit` and `--write` are of `--log`');
  return pairs;
}

function logIn(
  { pairs, url, since = '7d', limit = '300' }: Values,
  env: NodeJS.ProcessEnv,
): CalibrateOptions['pairs'] {
  if (pairs !== undefined) throw new UsageError('`--pairs` or `--log`, not both');
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 2 || Number(limit) > MOST_QUESTIONS)
    throw new UsageError(`\`--limit\` takes a number from 2 to ${MOST_QUESTIONS}`);
  return { target: targetOf(url, env), since, limit: Number(limit) };
}

/** @returns the text to print. @throws Error in words for people. */
export async function runCalibrate(options: CalibrateOptions): Promise<string> {
  const pairs = await pairsIn(options);
  const texts = [...new Set(pairs.flatMap(({ one, other }) => [one, other]))];
  const vectors =
    options.model === null ? texts.map(createBuiltin()) : await vectorsOf(texts, options, options.model);
  const vectorOf = new Map(texts.map((text, index) => [text, vectors[index]!]));
  const both = pairs.map(({ one, other }) => [vectorOf.get(one)!, vectorOf.get(other)!] as const);
  const guarded = calibrate(pairs, both, THRESHOLDS);
  const alone = calibrate(pairs, both, THRESHOLDS, false);
  const same = pairs.filter((pair) => pair.same).length;
  const lines = [
    `${pairs.length} pairs, ${same} of them the same; vectors: ${options.model ?? 'builtin'}`,
    '',
    'threshold   precision  recall   without the guard: precision  recall',
    ...guarded.map(({ threshold, precision, recall }, at) =>
      [
        threshold.toFixed(2).padStart(9),
        precision.toFixed(3).padStart(11),
        recall.toFixed(3).padStart(7),
        alone[at]!.precision.toFixed(3).padStart(30),
        alone[at]!.recall.toFixed(3).padStart(7),
      ].join(' '),
    ),
  ];
  const wrong = guarded.find(({ threshold }) => threshold === 0.92)!.wrong;
  if (wrong.length > 0) lines.push('', 'wrong at 0.92:', ...wrong.slice(0, SHOWN).map(shown));
  return lines.join('\n');
}

async function pairsIn({ pairs, write }: CalibrateOptions): Promise<Pair[]> {
  if (typeof pairs === 'string') {
    const read = readPairs(readFileSync(pairs, 'utf8'));
    if (read.length === 0) throw new Error(`${pairs} holds no pairs`);
    return read;
  }
  const answered = await answeredIn(pairs.target, pairs);
  const made = pairsOf(answered, createBuiltin());
  if (made.length === 0)
    throw new Error(
      `the log has ${answered.length} single questions whose bodies were kept (\`log.bodies\`), and no two to compare`,
    );
  if (write !== null) writeFileSync(write, writePairs(made));
  return made;
}

function shown({ one, other }: Pair): string {
  return `  ${one}  |  ${other}`;
}

async function vectorsOf(
  texts: readonly string[],
  { url, key }: CalibrateOptions,
  model: string,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += BATCH) {
    const input = texts.slice(at, at + BATCH);
    const body = { model, input, encoding_format: 'float' };
    const answer = await callAdmin({ url, token: key }, 'POST', '/v1/embeddings', body);
    const { data } = answer as { data: { index: number; embedding: number[] }[] }; // as OpenAI has it
    if (data.length !== input.length)
      throw new Error(`${model} made ${data.length} vectors of ${input.length} texts`);
    for (const { embedding } of [...data].sort((one, other) => one.index - other.index))
      vectors.push(normalise(Float32Array.from(embedding)));
  }
  return vectors;
}
