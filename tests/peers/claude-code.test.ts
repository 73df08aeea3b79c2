// Claude Code itself, with what it really sends (its system blocks, system messages among the others, deferred tools, betas),
// through the gateway to an upstream of each dialect.
import { describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { describeAgent } from './agent-suite.ts';
import { CLAUDE_CODE, claudeBedrockCall, claudeCall } from './claude-code.ts';
import { useCli } from './cli.ts';

const ATTRIBUTION = 'x-anthropic-billing-header';
const harness = useGateway({ dialects: true, models: { 'claude-sonnet-4-5': { targets: ['oa/ok'] } } });
const cli = useCli(CLAUDE_CODE);

const run = (model: string, files: Record<string, string> = {}, key = gateKey) =>
  cli.run({ ...claudeCall(harness.url, key, model, 'say hi'), files });

describeAgent({ name: 'Claude Code', cli, harness, reader: 'Read:file_path', run }, [
  'rs',
  'oa',
  'an',
  'be',
  'co',
  'ge',
]);

describe.each(['an', 'be', 'ge', 'oa'])('Claude Code by the routes of Bedrock to %s', (provider) => {
  test('goes round with a tool', async (context) => {
    if (cli.missing !== '') context.skip(cli.missing);
    const model = 'thinking+call:Read:file_path=weather.txt';
    const call = claudeBedrockCall(harness.url, gateKey, `${provider}/${model}`, 'say hi');
    const { status, output } = await cli.run({ ...call, files: { 'work/weather.txt': 'rather windy' } });
    expect(output).toContain('It is 21 degrees in Paris.');
    expect(status).toBe(0);
    expect(harness.mock.requestsFor(model)[1]?.body.toString()).toContain('rather windy');
  });
});

test('one of its own names leads where the configuration says', async (context) => {
  if (cli.missing !== '') context.skip(cli.missing);
  const { output } = await run('claude-sonnet-4-5');
  expect(output).toContain('Hello from the mock provider, all is well.');
  const request = harness.mock.lastRequest();
  expect(request.path).toBe('/v1/chat/completions');
  // What Anthropic bills by is nothing to other vendors.
  expect(request.body.toString()).not.toContain(ATTRIBUTION);
});

test('its betas and its attribution reach Anthropic', async (context) => {
  if (cli.missing !== '') context.skip(cli.missing);
  await run('an/ok');
  const { headers, json } = harness.mock.lastRequest();
  expect(headers['anthropic-beta']).toContain('claude-code-');
  expect(pick(json, 'system.0.text')).toContain(ATTRIBUTION);
});

test('what the gateway itself refuses is told', async (context) => {
  if (cli.missing !== '') context.skip(cli.missing);
  const { status, output } = await run('an/ok', {}, 'hg-a-key-that-nobody-has-0123456789');
  expect(output).toMatch(/401|API key/i);
  expect(status).toBe(1);
  expect(harness.mock.requests).toEqual([]);
});
