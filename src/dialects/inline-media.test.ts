import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { MediaByUrl } from '../contracts/media.ts';
import { dialectByName } from '../registry/dialects.ts';
import { translateBody } from './translate.ts';

const picture = 'https://example.com/a.png';
const paper = 'https://example.com/b';
const body = Buffer.from(
  JSON.stringify({
    model: 'm',
    max_tokens: 9,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'url', url: picture } },
          { type: 'image', source: { type: 'url', url: picture } },
          { type: 'document', source: { type: 'url', url: paper } },
          { type: 'text', text: 'What?' },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 't',
            content: [{ type: 'image', source: { type: 'url', url: `${picture}?2` } }],
          },
        ],
      },
    ],
    tools: [{ name: 'look', input_schema: { type: 'object', properties: {} } }],
  }),
);
const files: MediaByUrl = {
  [picture]: { mediaType: 'image/png', data: 'iVBORw0KGgo=' },
  [`${picture}?2`]: { mediaType: 'image/png', data: 'iVBORw0KGgp=' },
  [paper]: { mediaType: 'application/pdf', data: 'JVBERi0=' },
};

const translated = (to: 'gemini' | 'bedrock', more: Partial<EncodeTarget>) =>
  translateBody(body, false, dialectByName('anthropic'), dialectByName(to), {
    model: 'up',
    provider: 'p',
    capabilities: UNKNOWN_CAPABILITIES[to],
    streamUsage: true,
    defaultMaxTokens: 4096,
    legacyMaxTokens: false,
    strict: false,
    ...more,
  });

describe.each(['gemini', 'bedrock'] as const)('addresses on the way to %s', (to) => {
  it('are asked for, each once, also those in results of tools', () => {
    expect(translated(to, { fetches: true })).toMatchObject({
      body: '',
      wanted: [
        { url: picture, kind: 'image' },
        { url: paper, kind: 'document' },
        { url: `${picture}?2`, kind: 'image' },
      ],
    });
  });

  it('give way to what was fetched there', () => {
    const { body: sent, adapted } = translated(to, { fetches: true, media: files });
    expect(sent).not.toContain('example.com');
    for (const { data } of Object.values(files)) expect(sent).toContain(data);
    expect(adapted).toContain('messages[].content[].url');
  });

  it('are not asked for where nothing is fetched', () => {
    expect(() => translated(to, {})).toThrow(expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED' }));
  });
});
