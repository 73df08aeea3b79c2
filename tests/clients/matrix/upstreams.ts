// What an upstream was asked, read apart from the gateway's own code and into one form, whatever its dialect.
import type { DialectName } from '../../../src/contracts/dialect.ts';
import { pick, tryJson } from '../../kit/json.ts';

export interface Seen {
  system: string;
  /** `user: words` and `assistant: words`, in order; turns without text are left out. */
  turns: string[];
  calls: { id: string; name: string; args: unknown }[];
  /** `id` is the name of the function where the dialect pairs them by it. */
  results: { id: string; text: string }[];
  tools: { name: string; schema: unknown }[];
  /** A word, or the name of the tool; null when it is left to the model. */
  choice: string | null;
  schema: unknown;
  /** Base64 as it stands in the request. */
  images: string[];
  documents: string[];
  proofs: string[];
  stop: unknown;
  maxTokens: unknown;
}

export interface Upstream {
  readonly dialect: DialectName;
  /** The provider's name in the configuration (tests/kit/test-config.ts). */
  readonly provider: string;
  /** Reads the body of a request. */
  read(body: unknown): Seen;
}

const nothing = (): Seen => ({
  system: '',
  turns: [],
  calls: [],
  results: [],
  tools: [],
  choice: null,
  schema: undefined,
  images: [],
  documents: [],
  proofs: [],
  stop: undefined,
  maxTokens: undefined,
});

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const said = (value: unknown): string => (typeof value === 'string' ? value : '');
const parsed = (value: unknown): unknown => tryJson(said(value));

/** Text of a string or of the parts of a list. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((part) => said(pick(part, 'text')))
    .join('');
}

function addTurn(seen: Seen, role: string, text: string): void {
  if (text !== '') seen.turns.push(`${role}: ${text}`);
}

function addProofs(seen: Seen, ...proofs: unknown[]): void {
  seen.proofs.push(...proofs.filter((proof) => typeof proof === 'string'));
}

const afterComma = (url: string): string => url.slice(url.indexOf(',') + 1);

function readChat(body: unknown): Seen {
  const seen = nothing();
  for (const message of list(pick(body, 'messages'))) {
    const role = said(pick(message, 'role'));
    const text = textOf(pick(message, 'content'));
    if (role === 'system' || role === 'developer') seen.system += text;
    else if (role === 'tool') seen.results.push({ id: said(pick(message, 'tool_call_id')), text });
    else addTurn(seen, role, text || said(pick(message, 'tool_plan')));
    for (const part of list(pick(message, 'content')))
      if (pick(part, 'type') === 'image_url') seen.images.push(afterComma(said(pick(part, 'image_url.url'))));
      else if (pick(part, 'type') === 'file')
        seen.documents.push(afterComma(said(pick(part, 'file.file_data'))));
    for (const call of list(pick(message, 'tool_calls'))) {
      const args = parsed(pick(call, 'function.arguments'));
      seen.calls.push({ id: said(pick(call, 'id')), name: said(pick(call, 'function.name')), args });
    }
    for (const detail of list(pick(message, 'reasoning_details')))
      addProofs(seen, pick(detail, 'signature'), pick(detail, 'data'));
  }
  seen.tools = list(pick(body, 'tools')).map((tool) => ({
    name: said(pick(tool, 'function.name')),
    schema: pick(tool, 'function.parameters'),
  }));
  const choice = pick(body, 'tool_choice');
  const word = said(pick(choice, 'function.name') ?? choice).toLowerCase();
  seen.choice = word === '' || word === 'auto' ? null : word;
  seen.schema = pick(body, 'response_format.json_schema.schema') ?? pick(body, 'response_format.json_schema');
  seen.stop = pick(body, 'stop') ?? pick(body, 'stop_sequences');
  seen.maxTokens = pick(body, 'max_completion_tokens') ?? pick(body, 'max_tokens');
  return seen;
}

function readResponses(body: unknown): Seen {
  const seen = nothing();
  seen.system = said(pick(body, 'instructions'));
  const input = pick(body, 'input');
  for (const item of typeof input === 'string' ? [{ role: 'user', content: input }] : list(input)) {
    switch (pick(item, 'type') ?? 'message') {
      case 'message': {
        const role = said(pick(item, 'role'));
        const text = textOf(pick(item, 'content'));
        if (role === 'system' || role === 'developer') seen.system += text;
        else addTurn(seen, role, text);
        for (const part of list(pick(item, 'content')))
          if (pick(part, 'type') === 'input_image')
            seen.images.push(afterComma(said(pick(part, 'image_url'))));
          else if (pick(part, 'type') === 'input_file')
            seen.documents.push(afterComma(said(pick(part, 'file_data'))));
        break;
      }
      case 'function_call':
        seen.calls.push({
          id: said(pick(item, 'call_id')),
          name: said(pick(item, 'name')),
          args: parsed(pick(item, 'arguments')),
        });
        break;
      case 'function_call_output':
        seen.results.push({ id: said(pick(item, 'call_id')), text: textOf(pick(item, 'output')) });
        for (const part of list(pick(item, 'output')))
          if (pick(part, 'type') === 'input_image')
            seen.images.push(afterComma(said(pick(part, 'image_url'))));
        break;
      case 'reasoning':
        addProofs(seen, pick(item, 'encrypted_content'));
    }
  }
  seen.tools = list(pick(body, 'tools')).map((tool) => ({
    name: said(pick(tool, 'name')),
    schema: pick(tool, 'parameters'),
  }));
  const choice = pick(body, 'tool_choice');
  const word = said(pick(choice, 'name') ?? choice);
  seen.choice = word === '' || word === 'auto' ? null : word;
  seen.schema = pick(body, 'text.format.schema');
  seen.maxTokens = pick(body, 'max_output_tokens');
  return seen;
}

function readMessages(body: unknown): Seen {
  const seen = nothing();
  seen.system = textOf(pick(body, 'system'));
  for (const message of list(pick(body, 'messages'))) {
    const role = said(pick(message, 'role'));
    const content = pick(message, 'content');
    addTurn(seen, role, textOf(content));
    for (const block of list(content)) {
      for (const inner of [block, ...list(pick(block, 'content'))])
        if (pick(inner, 'type') === 'image')
          seen.images.push(said(pick(inner, 'source.data') ?? pick(inner, 'source.url')));
      if (pick(block, 'type') === 'document') seen.documents.push(said(pick(block, 'source.data')));
      if (pick(block, 'type') === 'tool_use')
        seen.calls.push({
          id: said(pick(block, 'id')),
          name: said(pick(block, 'name')),
          args: pick(block, 'input'),
        });
      if (pick(block, 'type') === 'tool_result')
        seen.results.push({ id: said(pick(block, 'tool_use_id')), text: textOf(pick(block, 'content')) });
      addProofs(seen, pick(block, 'signature'), pick(block, 'data'));
    }
  }
  seen.tools = list(pick(body, 'tools')).map((tool) => ({
    name: said(pick(tool, 'name')),
    schema: pick(tool, 'input_schema'),
  }));
  const type = said(pick(body, 'tool_choice.type'));
  const words: Record<string, string> = { any: 'required', none: 'none' };
  seen.choice = type === 'tool' ? said(pick(body, 'tool_choice.name')) : (words[type] ?? null);
  seen.schema = pick(body, 'output_config.format.schema');
  seen.stop = pick(body, 'stop_sequences');
  seen.maxTokens = pick(body, 'max_tokens');
  return seen;
}

function readGemini(body: unknown): Seen {
  const seen = nothing();
  seen.system = textOf(pick(body, 'systemInstruction.parts'));
  for (const content of list(pick(body, 'contents'))) {
    const parts = list(pick(content, 'parts'));
    const shown = parts.filter((part) => pick(part, 'thought') !== true);
    addTurn(seen, pick(content, 'role') === 'model' ? 'assistant' : 'user', textOf(shown));
    for (const part of parts) {
      for (const inner of [part, ...list(pick(part, 'functionResponse.parts'))]) {
        const media = pick(inner, 'inlineData.data') ?? pick(inner, 'fileData.fileUri');
        if (media === undefined) continue;
        const type = pick(inner, 'inlineData.mimeType') ?? pick(inner, 'fileData.mimeType');
        (type === 'application/pdf' ? seen.documents : seen.images).push(said(media));
      }
      const call = pick(part, 'functionCall');
      if (call !== undefined)
        seen.calls.push({
          id: said(pick(call, 'id')),
          name: said(pick(call, 'name')),
          args: pick(call, 'args') ?? {},
        });
      const result = pick(part, 'functionResponse');
      if (result !== undefined)
        seen.results.push({ id: said(pick(result, 'name')), text: JSON.stringify(pick(result, 'response')) });
      addProofs(seen, pick(part, 'thoughtSignature'));
    }
  }
  seen.tools = list(pick(body, 'tools'))
    .flatMap((tool) => list(pick(tool, 'functionDeclarations')))
    .map((tool) => ({ name: said(pick(tool, 'name')), schema: pick(tool, 'parametersJsonSchema') }));
  const config = pick(body, 'toolConfig.functionCallingConfig');
  const names = list(pick(config, 'allowedFunctionNames'));
  const words: Record<string, string> = { ANY: 'required', NONE: 'none' };
  seen.choice = names.length > 0 ? names.join() : (words[said(pick(config, 'mode'))] ?? null);
  seen.schema = pick(body, 'generationConfig.responseJsonSchema');
  seen.stop = pick(body, 'generationConfig.stopSequences');
  seen.maxTokens = pick(body, 'generationConfig.maxOutputTokens');
  return seen;
}

function readConverse(body: unknown): Seen {
  const seen = nothing();
  seen.system = textOf(pick(body, 'system'));
  for (const message of list(pick(body, 'messages'))) {
    addTurn(seen, said(pick(message, 'role')), textOf(pick(message, 'content')));
    for (const block of list(pick(message, 'content'))) {
      for (const inner of [block, ...list(pick(block, 'toolResult.content'))]) {
        const image = pick(inner, 'image.source.bytes');
        if (image !== undefined) seen.images.push(said(image));
        const document = pick(inner, 'document.source.bytes');
        if (document !== undefined) seen.documents.push(said(document));
      }
      const use = pick(block, 'toolUse');
      if (use !== undefined)
        seen.calls.push({
          id: said(pick(use, 'toolUseId')),
          name: said(pick(use, 'name')),
          args: pick(use, 'input'),
        });
      const result = pick(block, 'toolResult');
      if (result !== undefined)
        seen.results.push({
          id: said(pick(result, 'toolUseId')),
          text: list(pick(result, 'content'))
            .map((part) => said(pick(part, 'text')) || JSON.stringify(pick(part, 'json')))
            .join(''),
        });
      addProofs(
        seen,
        pick(block, 'reasoningContent.reasoningText.signature'),
        pick(block, 'reasoningContent.redactedContent'),
      );
    }
  }
  seen.tools = list(pick(body, 'toolConfig.tools')).map((tool) => ({
    name: said(pick(tool, 'toolSpec.name')),
    schema: pick(tool, 'toolSpec.inputSchema.json'),
  }));
  const choice = pick(body, 'toolConfig.toolChoice');
  const name = said(pick(choice, 'tool.name'));
  seen.choice = name !== '' ? name : pick(choice, 'any') === undefined ? null : 'required';
  seen.schema = parsed(pick(body, 'outputConfig.textFormat.structure.jsonSchema.schema'));
  seen.stop = pick(body, 'inferenceConfig.stopSequences');
  seen.maxTokens = pick(body, 'inferenceConfig.maxTokens');
  return seen;
}

export const upstreams: readonly Upstream[] = [
  { dialect: 'openai-chat', provider: 'oa', read: readChat },
  { dialect: 'openai-responses', provider: 'rs', read: readResponses },
  { dialect: 'anthropic', provider: 'an', read: readMessages },
  { dialect: 'gemini', provider: 'ge', read: readGemini },
  { dialect: 'bedrock', provider: 'be', read: readConverse },
  // Of these members Cohere's have the names of OpenAI Chat's.
  { dialect: 'cohere', provider: 'co', read: readChat },
];
