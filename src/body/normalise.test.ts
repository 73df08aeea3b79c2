import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectBody } from './inspect.ts';
import { normaliseBody, normaliseText } from './normalise.ts';

const normalise = (text: string): string => normaliseBody(Buffer.from(text)).toString('utf8');
// Written with escapes: e + combining acute, CR LF, CR, bell, DEL, a C1 control, tab, LF.
const ROUGH = '"cafe\\u0301\\r\\na\\rb\\u0007\\u007f\\u0085\\t\\n"';
const SMOOTH = '"café\\na\\nb\\t\\n"';

describe('normaliseBody', () => {
  it.each([
    ['{"messages":[{"role":"user","content":#}]}'],
    ['{"messages":[{"content":[{"type":"text","text":#},{"text" : #}],"role":"user"}]}'],
    ['{"system":#}'],
    ['{"system":[{"type":"text","text":#,"cache_control":{"type":"ephemeral"}}],"messages":[]}'],
    ['{"input":#}'],
    ['{"input":[{"role":"user","content":[{"type":"input_text","text":#}]}]}'],
    ['{"instructions":#,"input":#}'],
    ['{"system":[{"text":#},{"cachePoint":{"type":"default"}}],"messages":[{"content":[{"text":#}]}]}'],
    ['{"contents":[{"role":"user","parts":[{"text":#},{"text":#}]},{"parts":[{"text":#}],"role":"model"}]}'],
    ['{"contents":{"parts":[{"text":#}]},"systemInstruction":{"role":"user","parts":[{"text":#}]}}'],
    ['{"contents":#,"system_instruction":{"parts":[{"text":#}]}}'],
    ['{"m\\u0065ssages":[{"\\u0063ontent":#}]}'],
  ])('normalises the text in %s', (text) => {
    expect(normalise(text.replaceAll('#', ROUGH))).toBe(text.replaceAll('#', SMOOTH));
  });

  it.each([
    ['{"messages":[{"role":"assistant","tool_calls":[{"id":#,"function":{"name":#,"arguments":#}}]}]}'],
    ['{"messages":[{"role":"tool","tool_call_id":#,"content":#}]}'],
    ['{"messages":[{"content":[{"type":"text","text":#}],"role":"tool"}]}'],
    ['{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":#,"content":#}]}]}'],
    [
      '{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":#}]}]}]}',
    ],
    ['{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":#,"input":{"text":#}}]}]}'],
    ['{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":#,"signature":#}]}]}'],
    ['{"messages":[{"role":"user","name":#,"content":[{"type":"image_url","image_url":{"url":#}}]}]}'],
    [
      '{"tools":[{"function":{"name":#,"description":#,"parameters":{"text":#}}}],"user":#,"metadata":{"system":#}}',
    ],
    ['{"model":#,"stop":[#],"text":#,"content":#}'],
    [
      '{"contents":[{"role":"model","parts":[{"text":#,"thought":true},{"thoughtSignature":"AA==","text":#}]}]}',
    ],
    [
      '{"contents":[{"parts":[{"functionResponse":{"name":#,"response":{"text":#}}},{"inlineData":{"data":#}}]}]}',
    ],
    ['{"messages":[{"content":[{"toolResult":{"content":[{"text":#}]}},{"reasoningContent":{"text":#}}]}]}'],
    [
      '{"generationConfig":{"stopSequences":[#]},"toolConfig":{"text":#},"systemInstruction":null,"contents":[null,7]}',
    ],
  ])('leaves %s as it is', (text) => {
    const body = Buffer.from(text.replaceAll('#', ROUGH));
    expect(normaliseBody(body)).toBe(body);
  });

  it('keeps numbers, escapes, white space and unknown fields of a body it changes', () => {
    const text = `{ "n":1.0, "big":12345678901234567890,\n "x":"\\u00e9\\/", "messages":[ {"content":${ROUGH} , "w":-0} ] }`;
    expect(normalise(text)).toBe(text.replace(ROUGH, SMOOTH));
  });

  it('leaves text alone that is normal already, however it is escaped', () => {
    const body = Buffer.from('{"messages":[{"content":"caf\\u00e9\\n\\ud83d\\ude00 \\/ x"}]}');
    expect(normaliseBody(body)).toBe(body);
  });

  it('joins a letter and its accent when what stood between them is taken out', () => {
    expect(normalise('{"system":"e\\u0007\u0301"}')).toBe('{"system":"é"}');
  });

  it('keeps what text means, and normalising twice changes nothing more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (raw, parts) => {
        const text = raw.toWellFormed();
        const content = parts ? [{ type: 'text', text }] : text;
        const body = Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], n: 1 }));
        const once = normaliseBody(body);
        inspectBody(once);
        expect(normaliseBody(once)).toBe(once);
        const told = JSON.parse(once.toString('utf8')).messages[0].content;
        expect(parts ? told[0].text : told).toBe(normaliseText(text));
      }),
    );
  });
});
