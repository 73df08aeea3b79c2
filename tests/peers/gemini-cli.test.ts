// Gemini CLI itself, with what it really sends (its instructions, its tools, its thinking settings), through the gateway to an
// upstream of each dialect.
import { describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { useCli } from './cli.ts';
import { GEMINI_CLI, geminiCall } from './gemini-cli.ts';

const harness = useGateway({ dialects: true, models: { 'gemini-2.5-pro': { targets: ['oa/ok'] } } });
const cli = useCli(GEMINI_CLI);

const run = (model: string, files: Record<string, string> = {}, key = gateKey) => {
  const call = geminiCall(harness.url, key, model, 'say hi');
  return cli.run({ ...call, files: { ...call.files, ...files } });
};

describe.each(['ge', 'oa', 'rs', 'an', 'be', 'co'])('Gemini CLI to %s', (provider) => {
  test('prints an answer', async (context) => {
    if (cli.missing !== '') context.skip(cli.missing);
    const { status, output } = await run(`${provider}/thinking+with-text`);
    expect(output).toContain('Hello from the mock provider, all is well.');
    expect(status).toBe(0);
  });

  test('goes round with a tool', async (context) => {
    if (cli.missing !== '') context.skip(cli.missing);
    const model = 'thinking+call:read_file:file_path=weather.txt';
    const { status, output } = await run(`${provider}/${model}`, { 'work/weather.txt': 'rather windy' });
    expect(output).toContain('It is 21 degrees in Paris.');
    expect(status).toBe(0);
    const [first, second, ...more] = harness.mock.requestsFor(model);
    expect(first?.body.toString()).not.toContain('rather windy');
    expect(second?.body.toString()).toContain('rather windy');
    expect(more).toEqual([]);
  });

  test('tells what the provider refuses', async (context) => {
    if (cli.missing !== '') context.skip(cli.missing);
    const { status, output } = await run(`${provider}/status:400`);
    expect(output).toContain('mock says 400');
    expect(status).toBe(1);
  });
});

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
