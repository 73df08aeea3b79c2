// `@aws-sdk/client-bedrock-runtime`, Converse and ConverseStream.
import {
  AccessDeniedException,
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ImageBlock,
  InternalServerException,
  type Message,
  ResourceNotFoundException,
  ServiceUnavailableException,
  ThrottlingException,
  type TokenUsage,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { pick } from '../../kit/json.ts';
import { type Answer, type Ask, emptyAnswer, type MatrixClient, type Turn, type UserTurn } from './client.ts';

const classes: Record<number, new (...args: never[]) => Error> = {
  400: ValidationException,
  401: AccessDeniedException,
  403: AccessDeniedException,
  404: ResourceNotFoundException,
  429: ThrottlingException,
  500: InternalServerException,
  503: ServiceUnavailableException,
};

/** JSON as the SDK types it. */
type Document = NonNullable<ConverseCommandInput['additionalModelRequestFields']>;

const png = (data: string): { image: ImageBlock } => ({
  image: { format: 'png', source: { bytes: Buffer.from(data, 'base64') } },
});

function partsOf({ text, image, imageUrl, pdf, wav }: UserTurn): ContentBlock[] {
  if (imageUrl !== undefined) throw new Error('Converse takes no addresses');
  const parts: ContentBlock[] = [{ text }];
  if (image !== undefined) parts.push(png(image));
  if (pdf !== undefined)
    parts.push({
      document: { format: 'pdf', name: 'report', source: { bytes: Buffer.from(pdf, 'base64') } },
    });
  if (wav !== undefined)
    parts.push({ audio: { format: 'wav', source: { bytes: Buffer.from(wav, 'base64') } } });
  return parts;
}

function messageOf(turn: Turn): Message {
  switch (turn.role) {
    case 'user':
      return { role: 'user', content: partsOf(turn) };
    case 'assistant':
      return { role: 'assistant', content: [{ text: turn.text }] };
    case 'said':
      // Made by this file, from what the SDK gave.
      return { role: 'assistant', content: turn.answer.turn as ContentBlock[] };
    case 'calls':
      return {
        role: 'assistant',
        content: turn.calls.map(({ id, name, json }) => ({
          toolUse: { toolUseId: id, name, input: JSON.parse(json) as Document },
        })),
      };
    case 'results':
      return {
        role: 'user',
        content: turn.results.map(({ id, text, image, failed }) => ({
          toolResult: {
            toolUseId: id,
            content: [{ text }, ...(image === undefined ? [] : [png(image)])],
            ...(failed === true ? { status: 'error' as const } : {}),
          },
        })),
      };
  }
}

function toolConfig(ask: Ask): Partial<ConverseCommandInput> {
  if (ask.tools === undefined) return {};
  const tools = ask.tools.map(({ name, description, schema }) => ({
    toolSpec: { name, description, inputSchema: { json: schema as Document } },
  }));
  const { choice } = ask;
  if (choice === undefined) return { toolConfig: { tools } };
  if (choice === 'none') throw new Error('Converse cannot forbid tools');
  const toolChoice = choice === 'required' ? { any: {} } : { tool: { name: choice.name } };
  return { toolConfig: { tools, toolChoice } };
}

function inputOf(ask: Ask): ConverseCommandInput {
  return {
    modelId: ask.model,
    messages: ask.turns.map(messageOf),
    ...(ask.system === undefined ? {} : { system: [{ text: ask.system }] }),
    ...toolConfig(ask),
    inferenceConfig: {
      maxTokens: ask.maxTokens ?? 4_000,
      ...(ask.stop === undefined ? {} : { stopSequences: ask.stop }),
    },
    ...(ask.schema === undefined
      ? {}
      : {
          outputConfig: {
            textFormat: {
              type: 'json_schema',
              structure: { jsonSchema: { name: 'answer', schema: JSON.stringify(ask.schema) } },
            },
          },
        }),
    ...(ask.thinking === true
      ? { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } } }
      : {}),
    ...ask.extra,
  };
}

function usageOf(usage: TokenUsage | undefined): Answer['usage'] {
  if (usage === undefined) return null;
  const cached = usage.cacheReadInputTokens ?? 0;
  return {
    input: (usage.inputTokens ?? 0) + cached + (usage.cacheWriteInputTokens ?? 0),
    cached,
    output: usage.outputTokens ?? 0,
  };
}

/** @param raw Arguments of the calls as their deltas spelled them, in order. */
function read(blocks: ContentBlock[], raw: readonly string[] | null): Answer {
  const answer = emptyAnswer();
  for (const block of blocks) {
    answer.text += block.text ?? '';
    const said = block.reasoningContent;
    answer.thinking += said?.reasoningText?.text ?? '';
    if (said?.reasoningText?.signature !== undefined) answer.proofs.push(said.reasoningText.signature);
    if (said?.redactedContent !== undefined)
      answer.proofs.push(Buffer.from(said.redactedContent).toString('base64'));
    const use = block.toolUse;
    if (use !== undefined)
      answer.calls.push({
        id: use.toolUseId ?? '',
        name: use.name ?? '',
        args: use.input,
        json: raw?.[answer.calls.length] ?? null,
      });
  }
  answer.turn = blocks;
  return answer;
}

interface Building {
  text: string;
  thinking: string;
  signature: string;
  redacted: Uint8Array | null;
  use: { toolUseId: string; name: string; json: string } | null;
}

function build({ text, thinking, signature, redacted, use }: Building): ContentBlock {
  if (use !== null) {
    const { toolUseId, name, json } = use;
    return { toolUse: { toolUseId, name, input: JSON.parse(json === '' ? '{}' : json) as Document } };
  }
  if (redacted !== null) return { reasoningContent: { redactedContent: redacted } };
  if (thinking !== '' || signature !== '')
    return {
      reasoningContent: {
        reasoningText: { text: thinking, ...(signature === '' ? {} : { signature }) },
      },
    };
  return { text };
}

export function bedrock(url: string, apiKey: string): MatrixClient {
  const client = new BedrockRuntimeClient({
    region: 'eu-central-1',
    endpoint: url,
    maxAttempts: 1,
    // By itself it speaks HTTP/2, which over plain HTTP it takes for granted.
    requestHandler: new NodeHttpHandler({ httpAgent: { maxSockets: 200 } }),
    token: { token: apiKey },
    authSchemePreference: ['httpBearerAuth'],
  });
  return {
    dialect: 'bedrock',
    stops: { end: 'end_turn', length: 'max_tokens', tools: 'tool_use', stop: 'stop_sequence' },
    errorClass: (status) => classes[status] ?? BedrockRuntimeServiceException,
    close: () => client.destroy(),
    failure(error) {
      if (!(error instanceof BedrockRuntimeServiceException)) throw error;
      // An exception inside a stream has none.
      const status = pick(error, '$metadata.httpStatusCode');
      const given = pick(error, '$response.headers.retry-after');
      return {
        status: typeof status === 'number' && status !== 200 ? status : null,
        message: error.message,
        retryAfter: typeof given === 'string' ? given : null,
      };
    },
    async whole(ask) {
      const { output, usage, stopReason } = await client.send(new ConverseCommand(inputOf(ask)));
      const answer = read(output?.message?.content ?? [], null);
      return { ...answer, stop: stopReason ?? null, usage: usageOf(usage) };
    },
    async streamed(ask, { signal, onText } = {}) {
      const { stream } = await client.send(
        new ConverseStreamCommand(inputOf(ask)),
        signal === undefined ? {} : { abortSignal: signal },
      );
      const blocks = new Map<number, Building>();
      const at = (index = 0): Building => {
        let block = blocks.get(index);
        if (block === undefined)
          blocks.set(index, (block = { text: '', thinking: '', signature: '', redacted: null, use: null }));
        return block;
      };
      let said = '';
      let stop: string | null = null;
      let usage: Answer['usage'] = null;
      for await (const event of stream ?? []) {
        const begun = event.contentBlockStart;
        if (begun?.start?.toolUse !== undefined) {
          const { toolUseId = '', name = '' } = begun.start.toolUse;
          at(begun.contentBlockIndex).use = { toolUseId, name, json: '' };
        }
        const more = event.contentBlockDelta;
        if (more !== undefined) {
          const block = at(more.contentBlockIndex);
          block.text += more.delta?.text ?? '';
          if (more.delta?.text !== undefined) {
            said += more.delta.text;
            onText?.(said);
          }
          block.thinking += more.delta?.reasoningContent?.text ?? '';
          block.signature += more.delta?.reasoningContent?.signature ?? '';
          block.redacted = more.delta?.reasoningContent?.redactedContent ?? block.redacted;
          if (more.delta?.toolUse !== undefined) block.use!.json += more.delta.toolUse.input ?? '';
        }
        stop = event.messageStop?.stopReason ?? stop;
        usage = usageOf(event.metadata?.usage) ?? usage;
      }
      if (stop === null) throw new Error('the stream ended without an end, and without an error');
      const all = [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block);
      const raw = all.flatMap(({ use }) => (use === null ? [] : [use.json]));
      return { ...read(all.map(build), raw), stop, usage };
    },
  };
}
