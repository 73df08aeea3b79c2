// `headgate cache calibrate`: how often each threshold of the semantic cache is right, over pairs of questions that people labelled.
// Vectors are the built-in ones, or those of a model that a running gateway serves.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createBuiltin, normalise } from '../src/cache/semantic/builtin.ts';
import { calibrate, type Pair, readPairs } from '../src/cache/semantic/calibrate.ts';
import { callAdmin } from './admin-client.ts';

const THRESHOLDS = [0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98];
/** Texts of one request for vectors. */
const BATCH = 128;
/** Of those that are wrong so many are shown. */
const SHOWN = 10;

export interface CalibrateOptions {
  /** File of pairs. */
  pairs: string;
  /** Of a gateway; used with `model` alone. */
  url: string;
  key: string;
  /** `provider/model` or an alias; null = the built-in vectors. */
  model: string | null;
}

/** The command line was wrong. */
export class CacheUsageError extends Error {}

/** @param args behind `cache`. @throws CacheUsageError */
export function readCalibrate(args: readonly string[], env: NodeJS.ProcessEnv): CalibrateOptions {
  const [verb, ...rest] = args;
  if (verb !== 'calibrate') throw new CacheUsageError('`cache` needs a verb: calibrate');
  const text = { type: 'string' } as const;
  let values: { pairs?: string; model?: string; url?: string };
  try {
    ({ values } = parseArgs({ args: rest, options: { pairs: text, model: text, url: text } }));
  } catch (error) {
    throw new CacheUsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.pairs === undefined) throw new CacheUsageError('`cache calibrate` needs --pairs FILE');
  return {
    pairs: values.pairs,
    model: values.model ?? null,
    url: values.url ?? 'http://127.0.0.1:8080',
    key: env['HEADGATE_API_KEY'] ?? '',
  };
}

/** @returns the text to print. @throws Error in words for people. */
export async function runCalibrate(options: CalibrateOptions): Promise<string> {
  const pairs = readPairs(readFileSync(options.pairs, 'utf8'));
  if (pairs.length === 0) throw new Error(`${options.pairs} holds no pairs`);
  const texts = pairs.flatMap(({ one, other }) => [one, other]);
  const vectors =
    options.model === null ? texts.map(createBuiltin()) : await vectorsOf(texts, options, options.model);
  const both = pairs.map((_, index) => [vectors[2 * index]!, vectors[2 * index + 1]!] as const);
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
