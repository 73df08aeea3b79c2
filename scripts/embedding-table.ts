// Makes src/cache/semantic/word-vectors.json, the table behind `embedding: builtin`, from two files of the Python package
// wordllama 0.4.0.post1 (PyPI, MIT, Copyright (c) 2024 Lee Miller). Only run when the table is to change:
//
//   pip download --no-deps wordllama==0.4.0.post1 && unzip wordllama-*.whl
//   scripts/node node scripts/embedding-table.ts wordllama/weights/l2_supercat_256.safetensors \
//     wordllama/tokenizers/l2_supercat_tokenizer_config.json
//
// The vectors are trained so that their first numbers mean most (Matryoshka): the first 64 of 256 stay, as whole numbers of one byte with a
// scale a row. On the labelled pairs 64 tell as much as 256.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { DIMENSIONS, packTable } from '../src/cache/semantic/word-table.ts';

const HASHES = [
  '64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5',
  '93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68',
] as const;

const [weights, tokenizer] = process.argv.slice(2).map((path) => readFileSync(path));
if (weights === undefined || tokenizer === undefined)
  throw new Error('two files, please: see the head of this file');
for (const [at, bytes] of [weights, tokenizer].entries()) {
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash !== HASHES[at]) throw new Error(`file ${at + 1} is another one: sha256 ${hash}`);
}

const headBytes = Number(weights.readBigUInt64LE(0));
const { 'embedding.weight': shape } = JSON.parse(weights.toString('utf8', 8, 8 + headBytes)) as {
  'embedding.weight': { shape: [number, number] };
};
const [count, width] = shape.shape;
const { vocab } = (JSON.parse(tokenizer.toString('utf8')) as { model: { vocab: Record<string, number> } })
  .model;
const words = Object.entries(vocab).sort(([, one], [, other]) => one - other);
if (words.length !== count) throw new Error('as many words as rows, please');

const rows = words.map(([, row]) =>
  Float32Array.from({ length: DIMENSIONS }, (_, at) =>
    half(weights.readUInt16LE(8 + headBytes + 2 * (row * width + at))),
  ),
);
const table = packTable(
  words.map(([word]) => word),
  rows,
);
const origin = 'wordllama 0.4.0.post1 (PyPI), l2_supercat_256, first 64 numbers';
const license = 'MIT, Copyright (c) 2024 Lee Miller';
writeFileSync(
  new URL('../src/cache/semantic/word-vectors.json', import.meta.url),
  `${JSON.stringify({ origin, license, table: table.toString('base64') })}\n`,
);

/** A float of 16 bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
