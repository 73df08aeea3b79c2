import { describe, expect, it } from 'vitest';
import { spanContent } from './content.ts';

const said = (content: string) => [{ type: 'text', content }];
const read = (request: unknown, answer: unknown) => {
  const { input, output, system } = spanContent(
    typeof request === 'string' ? request : JSON.stringify(request),
    typeof answer === 'string' ? answer : JSON.stringify(answer),
  );
  return {
    input: JSON.parse(input),
    output: JSON.parse(output),
    ...(system === '' ? {} : { system: JSON.parse(system) }),
  };
};

describe('content of a span', () => {
  it.each([
    [
      'chat',
      {
        messages: [
          { role: 'system', content: 's' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'hi' },
              { type: 'image_url', image_url: { url: 'data:…' } },
            ],
          },
        ],
      },
      {
        choices: [
          {
            message: {
              role: 'assistant',
              content: 'yes',
              tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
            },
          },
        ],
      },
      {
        input: [
          { role: 'system', parts: said('s') },
          { role: 'user', parts: [...said('hi'), { type: 'image_url' }] },
        ],
        output: [
          {
            role: 'assistant',
            parts: [...said('yes'), { type: 'tool_call', id: 'c1', name: 'f', arguments: '{}' }],
          },
        ],
      },
    ],
    [
      'messages',
      { system: 'be brief', messages: [{ role: 'user', content: 'hi' }] },
      {
        type: 'message',
        role: 'assistant',
        content: [
          { type: 'text', text: 'yes' },
          { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
        ],
      },
      {
        system: said('be brief'),
        input: [{ role: 'user', parts: said('hi') }],
        output: [
          {
            role: 'assistant',
            parts: [...said('yes'), { type: 'tool_call', id: 't', name: 'f', arguments: { a: 1 } }],
          },
        ],
      },
    ],
    [
      'responses',
      { instructions: 'x', input: 'hi' },
      { output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'yes' }] }] },
      {
        system: said('x'),
        input: [{ role: 'user', parts: said('hi') }],
        output: [{ role: 'assistant', parts: said('yes') }],
      },
    ],
    [
      'gemini',
      {
        systemInstruction: { parts: [{ text: 'x' }] },
        contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      },
      { candidates: [{ content: { role: 'model', parts: [{ text: 'yes' }] } }] },
      {
        system: said('x'),
        input: [{ role: 'user', parts: said('hi') }],
        output: [{ role: 'model', parts: said('yes') }],
      },
    ],
  ])('is read of %s', (_name, request, answer, expected) => {
    expect(read(request, answer)).toEqual(expected);
  });

  it.each([
    [
      'chat',
      'data: {"choices":[{"delta":{"content":"ye"}}]}\n\ndata: {"choices":[{"delta":{"content":"s"}}]}\n\ndata: [DONE]\n\n',
    ],
    [
      'messages',
      'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"yes"}}\n\n',
    ],
    ['responses', 'data: {"type":"response.output_text.delta","delta":"yes"}\n\n'],
    ['gemini', 'data: {"candidates":[{"content":{"parts":[{"text":"yes"}]}}]}\r\n\r\n'],
  ])('is put together of a stream of %s', (_name, stream) => {
    expect(read({}, stream).output).toEqual([{ role: 'assistant', parts: said('yes') }]);
  });

  it('stays the text it is where nothing is known of it, a body that was cut included', () => {
    expect(read('{"messages":[{"ro', 'plain')).toEqual({
      input: [{ role: 'user', parts: said('{"messages":[{"ro') }],
      output: [{ role: 'assistant', parts: said('plain') }],
    });
    expect(spanContent(null, null)).toEqual({ input: '', output: '', system: '' });
  });
});
