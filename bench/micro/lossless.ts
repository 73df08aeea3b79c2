// parseLossless with and without numbers that must be kept as written. Run: scripts/node node bench/micro/lossless.ts
import { parseLossless, stringifyJson } from '../../src/body/lossless.ts';
import { chatBody } from './bodies.ts';
import { measure, report } from './measure.ts';

for (const [name, bytes] of [
  ['1 KB', 1024],
  ['64 KB', 64 * 1024],
  ['1 MB', 1024 * 1024],
] as const) {
  const text = chatBody(bytes).toString('utf8');
  const exotic = text.replace('"temperature":0.7', '"temperature":0.70');
  const parsed = parseLossless(text, false);
  report(
    `parse ${name}, inspected: plain`,
    measure(() => Object.keys(parseLossless(text, false)!).length),
    bytes,
  );
  report(
    `parse ${name}, not inspected`,
    measure(() => Object.keys(parseLossless(text, true)!).length),
    bytes,
  );
  report(
    `parse ${name}, one exotic number`,
    measure(() => Object.keys(parseLossless(exotic, true)!).length),
    bytes,
  );
  report(
    `print ${name}`,
    measure(() => stringifyJson(parsed).length),
    bytes,
  );
}
