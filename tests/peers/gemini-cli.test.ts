// Gemini CLI itself, with what it really sends (its instructions, its tools, its thinking settings), through the gateway to an
// upstream of each dialect.
import { expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { describeAgent } from './agent-suite.ts';
import { useCli } from './cli.ts';
import { denied, startEdge } from './edge.ts';
import { GEMINI_CLI, geminiCall } from './gemini-cli.ts';

const harness = useGateway({ dialects: true, models: { 'gemini-2.5-pro': { targets: ['oa/ok'] } } });
const cli = useCli(GEMINI_CLI);

const run = (model: string, files: Record<string, string> = {}, key = gateKey) => {
  const call = geminiCall(harness.url, key, model, 'say hi');
  return cli.run({ ...call, files: { ...call.files, ...files } });
};

describeAgent({ name: 'Gemini CLI', cli, harness, reader: 'read_file:file_path', run }, [
  'ge',
  'oa',
  'rs',
  'an',
  'be',
  'co',
]);

test('one of its own names leads where the configuration says', async (context) => {
  if (cli.missing !== '') context.skip(cli.missing);
  const { output } = await run('gemini-2.5-pro');
  expect(output).toContain('Hello from the mock provider, all is well.');
  expect(harness.mock.lastRequest().path).toBe('/v1/chat/completions');
});

test('what the gateway itself refuses is told', async (context) => {
  if (cli.missing !== '') context.skip(cli.missing);
  const { status, output } = await run('ge/ok', {}, 'hg-a-key-that-nobody-has-0123456789');
  expect(output).toMatch(/401|API key/i);
  expect(status).toBe(1);
  expect(harness.mock.requests).toEqual([]);
});

test('by the edge of its machine, as long as the centre lets it', async (context) => {
  if (cli.missing !== '') context.skip(cli.missing);
  const edge = await startEdge(harness.url);
  const ask = () => cli.run(geminiCall(edge.url, edge.key('gemini'), 'ge/thinking+with-text', 'say hi'));
  expect((await ask()).output).toContain('Hello from the mock provider, all is well.');
  edge.verdicts = [denied('gemini')];
  const { output } = await ask();
  expect(output).toContain('denied by the gate');
  expect(edge.events[0]).toMatchObject({ outcome: 'blocked', app: 'gemini', reason: 'app:gemini' });
  await edge.close();
});
