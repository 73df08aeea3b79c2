// Codex CLI itself, with what it really sends (its instructions, its tools, a namespace of them, a cached search), through the
// gateway to an upstream of each dialect.
import { describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { useCli } from './cli.ts';
import { CODEX, codexCall } from './codex.ts';
import { denied, startEdge } from './edge.ts';

const harness = useGateway({ dialects: true });
const cli = useCli(CODEX);

const run = (model: string) => cli.run(codexCall(harness.url, gateKey, model, 'say hi'));

describe.each(['rs', 'oa', 'an', 'be', 'co', 'ge'])('Codex to %s', (provider) => {
  test('prints an answer and its reasoning', async (context) => {
    if (cli.missing !== '') context.skip(cli.missing);
    const { output } = await run(`${provider}/thinking+with-text`);
    expect(output).toContain('Hello from the mock provider, all is well.');
    expect(output).toContain('Let me think about that first.');
    expect(output).not.toContain('ERROR');
  });

  test('goes round with a tool', async (context) => {
    if (cli.missing !== '') context.skip(cli.missing);
    const { output } = await run(`${provider}/thinking+tools`);
    expect(output).toContain('It is 21 degrees in Paris.');
    expect(harness.mock.requestsFor('thinking+tools')).toHaveLength(2);
  });

  test('tells what the gateway refuses', async (context) => {
    if (cli.missing !== '') context.skip(cli.missing);
    const { output } = await run(`${provider}/status:400`);
    expect(output).toContain('mock says 400');
  });
});

test('Codex by the edge of its machine, as long as the centre lets it', async (context) => {
  if (cli.missing !== '') context.skip(cli.missing);
  const edge = await startEdge(harness.url);
  const ask = () => cli.run(codexCall(edge.url, edge.key('codex'), 'rs/thinking+with-text', 'say hi'));
  expect((await ask()).output).toContain('Hello from the mock provider, all is well.');
  edge.verdicts = [denied('codex')];
  const { output } = await ask();
  expect(output).toContain('denied by the gate');
  expect(output).not.toContain('Hello from the mock');
  expect(edge.events[0]).toMatchObject({ outcome: 'blocked', app: 'codex', reason: 'app:codex' });
  await edge.close();
});
