// The schema of `usageCost`: whose answers tell what they cost.
import { strict } from './parts.ts';
import Type from './type.ts';

const patterns = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ pattern: '^[^*\\s]{0,256}\\*?$', minLength: 1 }), {
      description,
      'x-default': 'all',
    }),
  );

export const usageCost = Type.Optional(
  Type.Object(
    {
      keys: patterns('Names of keys whose calls are meant, `*` at the end for any rest.'),
      routes: patterns('Routes that are meant: `/v1/chat/completions`, `/v1/*`.'),
    },
    {
      ...strict,
      description:
        'Answers whose `usage` tells what the call cost (`usage.cost`, in USD). Any other call may ask for it with `x-headgate-usage-cost: 1`, and these may do without by `0`.',
    },
  ),
);
