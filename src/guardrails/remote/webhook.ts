// Webhooks: a service of the operator's that decides, in our shape, LiteLLM's generic one or Portkey's.
import { createHmac } from 'node:crypto';
import type { CheckConfig } from '../../contracts/guardrail.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { CreateRemoteCheck, RemoteQuestion, RemoteVerdict } from '../../contracts/remote-check.ts';
import { arrayAt, objectAt, stringAt } from '../../dialects/lenient.ts';
import { VERSION } from '../../version.ts';
import type { PostJson } from './json-post.ts';
import type { RemoteDeps } from './remote-deps.ts';

const PASS: RemoteVerdict = { kind: 'pass' };
const LITELLM_PATH = '/beta/litellm_basic_guardrail_api';

export function createWebhook({ post, wall }: Pick<RemoteDeps, 'post' | 'wall'>): CreateRemoteCheck {
  return (check) => (question) => {
    switch (check.shape ?? 'headgate') {
      case 'litellm':
        return litellm(check, question, post);
      case 'portkey':
        return portkey(check, question, post);
      default:
        return headgate(check, question, post, wall);
    }
  };
}

/**
 * Ours: `{ side, texts, call: { id, model, operation, key, team, user, customer } }` → `{ action: 'pass' | 'block' | 'redact',
 * reason?, texts? }`. Signed where there is a secret: `x-headgate-signature: t=<seconds>,v1=<hex of HMAC-SHA-256 of "t.body">`.
 */
async function headgate(
  check: CheckConfig,
  { side, texts, images, call, signal }: RemoteQuestion,
  post: PostJson,
  wall: () => number,
): Promise<RemoteVerdict> {
  const { principal } = call;
  const body = JSON.stringify({
    version: 1,
    side,
    texts,
    ...(images.length === 0 ? {} : { images }),
    call: {
      id: call.id,
      model: call.model,
      operation: call.operation?.name ?? null,
      key: principal?.name ?? null,
      team: principal?.team ?? null,
      organization: principal?.organization ?? null,
      user: principal?.user ?? null,
      customer: call.customer,
    },
  });
  const answer = await post({
    url: check.url!,
    headers: { ...headersOf(check), ...signature(check, body, wall()) },
    body,
    signal,
  });
  return verdictOf(stringAt(answer, 'action'), answer, texts);
}

function signature({ secret }: CheckConfig, body: string, wallMs: number): Record<string, string> {
  if (secret === undefined) return {};
  const time = Math.floor(wallMs / 1000);
  const print = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return { 'x-headgate-signature': `t=${time},v1=${print}` };
}

function verdictOf(action: string | null, answer: JsonObject, texts: readonly string[]): RemoteVerdict {
  switch (action) {
    case 'pass':
      return PASS;
    case 'block':
      return { kind: 'block', reason: stringAt(answer, 'reason') ?? 'refused' };
    case 'redact':
      return replacement(arrayAt(answer, 'texts'), texts);
    default:
      // Whatever else it says is no verdict.
      throw new Error('it answered without a verdict');
  }
}

/** Texts that do not match those that were asked about change nothing: it lies, or is broken. */
function replacement(list: readonly Json[], texts: readonly string[]): RemoteVerdict {
  const plain = list.filter((text) => typeof text === 'string');
  if (plain.length !== texts.length) throw new Error('it answered with another number of texts');
  return plain.every((text, at) => text === texts[at]) ? PASS : { kind: 'replace', texts: plain };
}

/** LiteLLM's `generic_guardrail_api`. */
async function litellm(
  check: CheckConfig,
  { side, texts, images, call, signal }: RemoteQuestion,
  post: PostJson,
): Promise<RemoteVerdict> {
  const { principal } = call;
  const url = check.url!.endsWith(LITELLM_PATH) ? check.url! : check.url!.replace(/\/+$/, '') + LITELLM_PATH;
  const body = JSON.stringify({
    texts,
    images,
    tools: [],
    tool_calls: [],
    structured_messages: side === 'request' ? texts.map((content) => ({ role: 'user', content })) : [],
    request_data: {
      user_api_key_alias: principal?.name ?? null,
      user_api_key_user_id: principal?.user ?? null,
      user_api_key_team_id: principal?.team ?? null,
      user_api_key_team_alias: principal?.team ?? null,
      user_api_key_end_user_id: call.customer,
      user_api_key_org_id: principal?.organization ?? null,
    },
    request_headers: {},
    litellm_version: `headgate-${VERSION}`,
    input_type: side === 'request' ? 'request' : 'response',
    litellm_call_id: call.id,
    litellm_trace_id: call.id,
    additional_provider_specific_params: {},
  });
  const answer = await post({ url, headers: headersOf(check), body, signal });
  switch (stringAt(answer, 'action')) {
    case 'NONE':
      return PASS;
    case 'BLOCKED':
      return { kind: 'block', reason: stringAt(answer, 'blocked_reason') ?? 'refused' };
    case 'GUARDRAIL_INTERVENED':
      return replacement(arrayAt(answer, 'texts'), texts);
    default:
      throw new Error('it answered without a verdict');
  }
}

/** Portkey's webhook: the hook's context in, a verdict out. What it fails to say lets nothing go on here. */
async function portkey(
  check: CheckConfig,
  { side, texts, prompt, call, signal }: RemoteQuestion,
  post: PostJson,
): Promise<RemoteVerdict> {
  const text = texts.join('\n');
  const messages = (content: string): JsonObject => ({ messages: [{ role: 'user', content }] });
  const request = side === 'request' ? text : prompt;
  const answer = await post({
    url: check.url!,
    headers: headersOf(check),
    signal,
    body: JSON.stringify({
      request: {
        json: { model: call.model, ...messages(request) },
        text: request,
        isStreamingRequest: call.stream,
      },
      response:
        side === 'answer'
          ? {
              json: { choices: [{ index: 0, message: { role: 'assistant', content: text } }] },
              text,
              statusCode: 200,
            }
          : { json: {}, text: '', statusCode: null },
      provider: call.plan?.targets[0]?.provider.name ?? '',
      requestType: call.operation?.name === 'chat' ? 'chatComplete' : (call.operation?.name ?? ''),
      metadata: { _user: call.customer ?? call.principal?.user ?? null, key: call.principal?.name ?? null },
      eventType: side === 'request' ? 'beforeRequestHook' : 'afterRequestHook',
    }),
  });
  const { verdict } = answer;
  if (typeof verdict !== 'boolean') throw new Error('it answered without a verdict');
  if (!verdict) return { kind: 'block', reason: stringAt(answer, 'reason') ?? 'refused' };
  const transformed = transformedText(answer, side);
  return transformed === null || texts.length !== 1 || transformed === text
    ? PASS
    : { kind: 'replace', texts: [transformed] };
}

function transformedText(answer: JsonObject, side: RemoteQuestion['side']): string | null {
  const data = objectAt(answer, 'transformedData');
  const half = data === null ? null : objectAt(data, side === 'request' ? 'request' : 'response');
  const json = half === null ? null : objectAt(half, 'json');
  if (json === null) return null;
  const list = arrayAt(json, side === 'request' ? 'messages' : 'choices');
  const [first] = list;
  if (typeof first !== 'object' || first === null || Array.isArray(first)) return null;
  // An object, as was just checked.
  const object = first as JsonObject;
  return stringAt(side === 'request' ? object : (objectAt(object, 'message') ?? {}), 'content');
}

function headersOf({ headers, key }: CheckConfig): Record<string, string> {
  return { ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
}
