// Claude's Messages as Bedrock's invoke routes send it: bodies without what the path says, and failures as Bedrock tells them.
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { DialectSamples } from '../dialect/samples.ts';
import { samples as messages } from './anthropic.ts';
import { samples as converse } from './bedrock.ts';

const invoked = ({ model: _model, stream: _stream, ...rest }: JsonObject): JsonObject => ({
  anthropic_version: 'bedrock-2023-05-31',
  ...rest,
});

export const samples: DialectSamples = {
  endsUnproven: true,
  ...messages,
  requests: Object.fromEntries(
    Object.entries(messages.requests).map(([name, body]) => [name, invoked(body)]),
  ),
  errors: converse.errors,
  blamesModels: true,
};
