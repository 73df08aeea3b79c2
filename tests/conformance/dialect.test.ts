import { dialects } from '../../src/registry/dialects.ts';
import type { DialectSamples } from './dialect/samples.ts';
import { describeDialect, describePair } from './dialect.ts';

const all = Object.values(dialects);
const samples: Record<string, DialectSamples> = {};
for (const { name } of all) {
  // The compiler cannot follow a path that is made up; a dialect without samples fails here, by the name of the file.
  const module = (await import(`./samples/${name}.ts`)) as { samples: DialectSamples };
  samples[name] = module.samples;
}

for (const dialect of all) describeDialect(dialect, samples[dialect.name]!, all);
for (const from of all) for (const to of all) if (from !== to) describePair(from, to, samples);
