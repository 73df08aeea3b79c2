import { expect, it } from 'vitest';
import type { AskMessage } from './ask.ts';
import { PROMPT_FORMATS, promptOf } from './prompt.ts';

const system: AskMessage = { role: 'system', text: 'Be brief.' };
const user = (text: string): AskMessage => ({ role: 'user', text });
const said = (text: string): AskMessage => ({ role: 'assistant', text });
const talk = [system, user('Hi'), said('Hello'), user('And?')];

it('plain: one turn is its words, several say whose they are', () => {
  expect(promptOf([user('Hi')], 'plain')).toBe('Hi');
  expect(promptOf([system, user('Hi')], 'plain')).toBe('Be brief.\n\nHi');
  expect(promptOf(talk, 'plain')).toBe(
    'Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: And?\n\nAssistant:',
  );
});

it('last: the user’s last words', () => {
  expect(promptOf([...talk, said('So')], 'last')).toBe('And?');
  expect(promptOf([system], 'last')).toBe('');
});

it('the forms of families', () => {
  expect(promptOf(talk, PROMPT_FORMATS.chatml)).toBe(
    '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nAnd?<|im_end|>\n<|im_start|>assistant\n',
  );
  expect(promptOf([user('Hi')], PROMPT_FORMATS.llama3)).toBe(
    '<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
  );
  expect(promptOf(talk, PROMPT_FORMATS.mistral)).toBe(
    '[INST] Be brief.\n\nHi [/INST] Hello</s>[INST] And? [/INST]',
  );
  expect(promptOf([system, user('Hi')], PROMPT_FORMATS.gemma)).toBe(
    '<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\n',
  );
});

it('instructions that no words of the user come behind stand alone, where a model knows none', () => {
  expect(promptOf([system], PROMPT_FORMATS.mistral)).toBe('[INST] Be brief. [/INST]');
  expect(promptOf([user('Hi'), system], PROMPT_FORMATS.mistral)).toBe(
    '[INST] Hi [/INST][INST] Be brief. [/INST]',
  );
});
