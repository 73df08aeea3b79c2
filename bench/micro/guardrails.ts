// What local checks cost: fifty patterns of a configuration over a text without what they look for, and our own beside them; a
// stream through a hold-back over one without.
// Run: scripts/node node bench/micro/guardrails.ts
import { PII_ENTITIES } from '../../src/contracts/guardrail.ts';
import { type Detector, Finder } from '../../src/guardrails/detector.ts';
import { piiDetectors } from '../../src/guardrails/pii.ts';
import { Redactor } from '../../src/guardrails/redactor.ts';
import { secretDetectors } from '../../src/guardrails/secrets.ts';
import { patternOf } from '../../src/guardrails/user-pattern.ts';
import { measure, report } from './measure.ts';

const WORDS =
  'the model answers that every request passes through one gate and each lane has its own flow of water ';
const text = (chars: number): string => WORDS.repeat(Math.ceil(chars / WORDS.length)).slice(0, chars);
const patterns: Detector[] = Array.from({ length: 50 }, (_, i) =>
  patternOf(`proj${String.fromCharCode(97 + (i % 26))}${i}-[0-9]{4}`, 64),
);
const fifty = new Finder(patterns);
const own = new Finder([...secretDetectors(true), ...piiDetectors(PII_ENTITIES)]);
const small = text(1_024);
const large = text(65_536);
const tokens = small.match(/\s*\S+/g)!;
const stars = () => '*';

function stream(finder: Finder): number {
  const redactor = new Redactor(finder, stars);
  let chars = 0;
  for (const token of tokens) chars += redactor.push(token).length;
  return chars + redactor.end().length;
}

const found = (finder: Finder, text: string) => () => (finder.first(text) === null ? 0 : 1);
report('fifty patterns, 1 KB', measure(found(fifty, small)), small.length);
report('fifty patterns, 64 KB', measure(found(fifty, large)), large.length);
report('secrets and PII, 1 KB', measure(found(own, small)), small.length);
report('secrets and PII, 64 KB', measure(found(own, large)), large.length);
report(
  `secrets and PII, ${tokens.length} tokens`,
  measure(() => stream(own)),
  small.length,
);
