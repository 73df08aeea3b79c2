// The dialects of the registry and what their vendors send. The pairs among them are many: they are told off in parts, one a
// test file, so that all cores work at them.
import type { Dialect } from '../../src/contracts/dialect.ts';
import { dialects } from '../../src/registry/dialects.ts';
import type { DialectSamples } from './dialect/samples.ts';
import { describePair } from './dialect.ts';

export const all: readonly Dialect[] = Object.values(dialects);

export const samples: Readonly<Record<string, DialectSamples>> = Object.fromEntries(
  await Promise.all(
    all.map(async ({ name }) => {
      // The compiler cannot follow a path that is made up; a dialect without samples fails here, by the name of the file.
      const module = (await import(`./samples/${name}.ts`)) as { samples: DialectSamples };
      return [name, module.samples] as const;
    }),
  ),
);

const PARTS = 3;

/** The pairs of one part. @param part 1 to 3. */
export function describePairs(part: number): void {
  const pairs = all.flatMap((from) => all.filter((to) => to !== from).map((to) => [from, to] as const));
  for (const [at, [from, to]] of pairs.entries())
    if (at % PARTS === part - 1) describePair(from, to, samples);
}
