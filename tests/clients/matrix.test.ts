// All 36 combinations of the vendors' real SDKs and upstreams of each dialect (our own mock): every scenario in every cell.
// The tests run side by side: each names a model of its own, by which its requests are found at the mock.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { anthropic } from './matrix/anthropic.ts';
import { bedrock } from './matrix/bedrock.ts';
import { Cell } from './matrix/cell.ts';
import type { MatrixClient } from './matrix/client.ts';
import { cohere } from './matrix/cohere.ts';
import { gemini } from './matrix/gemini.ts';
import { openaiChat } from './matrix/openai-chat.ts';
import { openaiResponses } from './matrix/openai-responses.ts';
import { exceptionFor, scenarios } from './matrix/scenarios.ts';
import { upstreams } from './matrix/upstreams.ts';

const harness = useGateway({ dialects: true, provider: { models: ['cell*'] } }, { concurrent: true });

const makers: Record<string, (url: string, key: string) => MatrixClient> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  anthropic,
  gemini,
  bedrock,
  cohere,
};
const clients = new Map<string, MatrixClient>();
beforeAll(() => {
  for (const [name, make] of Object.entries(makers)) clients.set(name, make(harness.url, gateKey));
});
afterAll(() => {
  for (const client of clients.values()) client.close?.();
});

let serial = 0;
for (const name of Object.keys(makers))
  for (const upstream of upstreams)
    describe.concurrent(`${name} to ${upstream.dialect}`, () => {
      for (const scenario of scenarios) {
        const tag = `cell${serial++}`;
        const exception = exceptionFor(scenario, name, upstream.dialect);
        const run = exception === null ? scenario.run : exception.instead;
        const title = exception === null ? scenario.name : `${scenario.name}: ${exception.reason}`;
        if (run === undefined) test.skip(title);
        else test(title, () => run(new Cell(clients.get(name)!, upstream, harness.mock, tag)));
      }
    });
