import { describeDialect } from './dialect.ts';
import { all, samples } from './registry.ts';

for (const dialect of all) describeDialect(dialect, samples[dialect.name]!, all);
