import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { splice } from '../../body/splice.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { type Capabilities, UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import { chat } from './chat.ts';

function fitted(text: string, change: Partial<Capabilities>, strict = false) {
  const body = Buffer.from(text);
  const target = {
    model: 'm',
    capabilities: { ...UNKNOWN_CAPABILITIES.bedrock, ...change },
    strict,
  } as EncodeTarget;
  const { edits, dropped, adapted, tools } = chat.fit(body, inspectBody(body), target);
  const out = splice(body, edits);
  const bytes = Buffer.isBuffer(out) ? out : Buffer.concat(out.pieces());
  return { text: bytes.toString(), dropped, adapted, tools };
}

describe('a Converse body for a model that refuses part of it', () => {
  test('is not touched where nothing is refused, but for our own fallbacks', () => {
    const text = '{ "messages":[ ], "inferenceConfig":{"topP":1.0,"temperature":0.50} }';
    expect(fitted(text, {})).toEqual({ text, dropped: [], adapted: [] });
    expect(fitted('{"messages":[],"fallbacks":["a/b"]}', {}).text).toBe('{"messages":[]}');
  });

  test('loses sampling parameters, and every other byte stays', () => {
    const text =
      '{"messages":[ {"x":1.0} ],"inferenceConfig":{"maxTokens":12345678901234567890,"temperature":0.5,"topP":1}}';
    expect(fitted(text, { sampling: 'none' })).toEqual({
      text: '{"messages":[ {"x":1.0} ],"inferenceConfig":{"maxTokens":12345678901234567890}}',
      dropped: ['inferenceConfig.temperature'],
      adapted: ['inferenceConfig.topP'],
    });
    expect(fitted('{"inferenceConfig":{"topP":0.9}}', { sampling: 'none' }).text).toBe('{}');
    expect(fitted('{"inferenceConfig":{"temperature":1,"topP":0.5}}', { sampling: 'one' })).toMatchObject({
      text: '{"inferenceConfig":{"temperature":1}}',
      dropped: ['inferenceConfig.topP'],
    });
    expect(() => fitted(text, { sampling: 'none' }, true)).toThrow(/inferenceConfig.temperature/);
  });

  test('is held to the limits of the model', () => {
    expect(
      fitted('{"inferenceConfig":{"maxTokens":9000,"stopSequences":["x"]}}', {
        maxTokensCap: 8192,
        stops: 0,
      }),
    ).toEqual({
      text: '{"inferenceConfig":{"maxTokens":8192}}',
      dropped: [],
      // The gateway ends the answer itself.
      tools: { custom: [], renamed: {}, stops: ['x'] },
      adapted: ['inferenceConfig.stopSequences', 'inferenceConfig.maxTokens'],
    });
  });

  test('asks for thinking as the model takes it', () => {
    const text =
      '{"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1024},"top_k":5}}';
    expect(fitted(text, { thinking: 'adaptive', sampling: 'none' })).toEqual({
      text: '{"outputConfig":{"effort":"low"},"additionalModelRequestFields":{"thinking":{"type":"adaptive"}}}',
      dropped: ['additionalModelRequestFields.top_k'],
      adapted: ['additionalModelRequestFields.thinking', 'outputConfig.effort'],
    });
    expect(
      fitted('{"additionalModelRequestFields":{"thinking":{"type":"disabled"}}}', { thinkingOff: false }),
    ).toMatchObject({ text: '{}', dropped: ['additionalModelRequestFields.thinking'] });
  });

  test('forces no call where none can be forced', () => {
    const text = '{"toolConfig":{"tools":[{"n":1.0}],"toolChoice":{"any":{}}}}';
    expect(fitted(text, { forcedTool: false })).toEqual({
      text: '{"toolConfig":{"tools":[{"n":1.0}],"toolChoice":{"auto":{}}}}',
      dropped: [],
      adapted: ['toolConfig.toolChoice'],
    });
    const free = '{"toolConfig":{"toolChoice":{"auto":{}}}}';
    expect(fitted(free, { forcedTool: false }).text).toBe(free);
  });

  test('has members taken out and renamed as the table says', () => {
    const text = '{"serviceTier":{"type":"flex"},"requestMetadata":{"a":"b"}}';
    expect(
      fitted(text, { refuses: ['serviceTier'], renames: { requestMetadata: 'metadata' } }),
    ).toMatchObject({
      text: '{"metadata":{"a":"b"}}',
      dropped: ['serviceTier'],
    });
  });
});
