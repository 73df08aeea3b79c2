// The embedded books, the policy of a gateway whose Redis is away, and the model of what Redis decides: one arithmetic, one
// behaviour. Redis itself goes through the same suite in tests/integration/redis/deciding.test.ts.
import { describe } from 'vitest';
import { describeAlike, describeDecider } from './authority.ts';
import { ledger, localPolicy, redisModel } from './deciders.ts';

describeDecider('the embedded ledger', ledger);
describeDecider('the model of Redis', redisModel);
describeDecider('the local policy', localPolicy);

describe('one arithmetic', () => {
  describeAlike('ledger and Redis', () => [ledger(), redisModel()]);
  describeAlike('local policy and Redis', () => [localPolicy(), redisModel()]);
});
