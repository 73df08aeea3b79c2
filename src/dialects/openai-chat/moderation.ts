// POST /v1/moderations: only ever passed on.
import type { WholeCodec } from '../../contracts/dialect.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { stringAt } from '../lenient.ts';
import { splice } from '../splice-model.ts';
import { faultIn } from './faults.ts';
import { findUsage } from './usage.ts';

export const moderation = {
  address: () => '/moderations',
  splice,
  readAnswer: (body) => {
    if (!Array.isArray(body['results'])) {
      const fault = faultIn(body, JSON.stringify(body));
      throw fault === null ? badOutput('The answer has no results.') : faultError(fault);
    }
    return { usage: findUsage(body), stop: null, model: stringAt(body, 'model'), id: stringAt(body, 'id') };
  },
} as const satisfies WholeCodec;
