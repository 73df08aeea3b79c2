// Codex CLI itself, with what it really sends (its instructions, its tools, a namespace of them, a cached search), through the
// gateway to an upstream of each dialect.
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { prepareCodex, runCodex } from './codex.ts';
import { Unavailable } from './python.ts';

const harness = useGateway({ dialects: true });
let script = '';
let missing = '';
beforeAll(() => {
  try {
    script = prepareCodex();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    missing = error.message;
  }
});

const run = (model: string) => runCodex(script, { url: harness.url, key: gateKey, model, prompt: 'say hi' });

describe.each(['rs', 'oa', 'an', 'co'])('Codex to %s', (provider) => {
  test('prints an answer and its reasoning', async (context) => {
    if (missing !== '') context.skip(missing);
    const { output } = await run(`${provider}/thinking+with-text`);
    expect(output).toContain('Hello from the mock provider, all is well.');
    expect(output).toContain('Let me think about that first.');
    expect(output).not.toContain('ERROR');
  });

  test('goes round with a tool', async (context) => {
    if (missing !== '') context.skip(missing);
    const { output } = await run(`${provider}/thinking+tools`);
    expect(output).toContain('It is 21 degrees in Paris.');
    expect(harness.mock.requestsFor('thinking+tools')).toHaveLength(2);
  });

  test('tells what the gateway refuses', async (context) => {
    if (missing !== '') context.skip(missing);
    const { output } = await run(`${provider}/status:400`);
    expect(output).toContain('mock says 400');
  });
});
