// What google-generativeai writes over REST: every enumeration by its number.
import { expect, test } from 'vitest';
import { decodeRequest } from './request-decode.ts';
import { embeddings } from './embeddings.ts';

const contents = [{ parts: [{ text: 'hello' }] }];

test('types, modes and modalities may be numbers', () => {
  const parameters = {
    type: 6,
    properties: { city: { type: 1, nullable: true }, days: { type: 5, items: { type: 3 } } },
  };
  const request = decodeRequest({
    contents,
    tools: [{ functionDeclarations: [{ name: 'weather', parameters }] }],
    toolConfig: { functionCallingConfig: { mode: 2 } },
    generationConfig: {
      responseModalities: [1],
      responseMimeType: 'application/json',
      responseSchema: parameters,
    },
  });
  const schema = {
    type: 'object',
    properties: { city: { type: ['string', 'null'] }, days: { type: 'array', items: { type: 'integer' } } },
  };
  expect(request.tools[0]!.schema).toEqual(schema);
  expect(request.toolChoice).toEqual({ kind: 'required' });
  expect(request).toMatchObject({ mustNotDrop: [], responseFormat: { kind: 'json_schema', schema } });
  const picture = { contents, generationConfig: { responseModalities: [2] } };
  expect(decodeRequest(picture).mustNotDrop).toEqual(['generationConfig.responseModalities']);
});

test('so may what vectors are for', () => {
  const content = { parts: [{ text: 'hello' }] };
  expect(embeddings.decodeRequest({ content, taskType: 2 })).toMatchObject({
    purpose: 'document',
    dropped: [],
  });
  expect(embeddings.decodeRequest({ content, task_type: 0 })).toMatchObject({ purpose: null, dropped: [] });
});

test('a number that is none of theirs is refused by its place', () => {
  const config = { functionCallingConfig: { mode: 99 } };
  expect(() => decodeRequest({ contents, toolConfig: config })).toThrow(
    expect.objectContaining({ param: 'toolConfig.functionCallingConfig.mode' }),
  );
});
