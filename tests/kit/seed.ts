// Properties draw from a fixed seed: what is judged at a gate must be judged the same the next time. `FUZZ_SEED=random` (or a
// number) draws others, to look for more: `FUZZ_SEED=random scripts/node npx vitest run --project unit tests/conformance`.
import fc from 'fast-check';

const FIXED = 20_261_129;
const given = process.env['FUZZ_SEED'];

if (given !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(given ?? FIXED) });
