// Hooks as messages of docs/proto/headgate/plugin/v1/plugin.proto, and back. Bodies are JSON as bytes there, and values here.
import { create, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { JsonObject } from '../contracts/json.ts';
import { PLUGIN_API_VERSION, PLUGIN_HOOKS, type PluginHook } from '../contracts/plugin.ts';
import {
  AnswerDecisionSchema,
  AnswerEventSchema,
  DeltaDecisionSchema,
  DeltaEventSchema,
  DescribeRequestSchema,
  DescribeResponseSchema,
  DoneSchema,
  ErrorEventSchema,
  RequestDecisionSchema,
  RequestEventSchema,
  RouteDecisionSchema,
  RouteEventSchema,
  SettleEventSchema,
  UpstreamDecisionSchema,
  UpstreamEventSchema,
} from './plugin-messages.ts';

const SERVICE = '/headgate.plugin.v1.Plugin/';
export const DESCRIBE_PATH = `${SERVICE}Describe`;

/** Each hook with its messages. */
const HOOKS: Readonly<Record<PluginHook, readonly [event: DescMessage, decision: DescMessage]>> = {
  onRequest: [RequestEventSchema, RequestDecisionSchema],
  onRoute: [RouteEventSchema, RouteDecisionSchema],
  onUpstream: [UpstreamEventSchema, UpstreamDecisionSchema],
  onDelta: [DeltaEventSchema, DeltaDecisionSchema],
  onAnswer: [AnswerEventSchema, AnswerDecisionSchema],
  onSettle: [SettleEventSchema, DoneSchema],
  onError: [ErrorEventSchema, DoneSchema],
};

/** `/package.Service/Method` of a hook. */
export function pathOf(hook: PluginHook): string {
  return `${SERVICE}${hook[0]!.toUpperCase()}${hook.slice(1)}`;
}

export function encodeDescribe(plugin: string, options: JsonObject): Uint8Array {
  const message = create(DescribeRequestSchema, {
    apiVersion: PLUGIN_API_VERSION,
    plugin,
    options: Buffer.from(JSON.stringify(options)),
  });
  return toBinary(DescribeRequestSchema, message);
}

/** Names that are none of ours are passed over: a plugin may know more than this gateway. @throws Error */
export function decodeDescribed(bytes: Uint8Array): PluginHook[] {
  const { hooks } = fromBinary(DescribeResponseSchema, bytes);
  return PLUGIN_HOOKS.filter((hook) => hooks.includes(hook));
}

/** @param event as `headgate/plugin` has it. */
export function encodeEvent(hook: PluginHook, event: unknown): Uint8Array {
  const [schema] = HOOKS[hook];
  // The members of events are named as those of their messages; what differs is said here.
  const plain = event as Record<string, unknown>;
  const init: Record<string, unknown> = { ...plain };
  if ('body' in plain) {
    if (plain['body'] === null) delete init['body'];
    else init['body'] = Buffer.from(JSON.stringify(plain['body']));
  }
  for (const name of ['usage', 'costUsd']) if (init[name] === null) delete init[name];
  if (init['usage'] !== undefined) init['usage'] = counts(init['usage'] as Record<string, number>);
  return toBinary(schema, create(schema, init));
}

function counts(usage: Readonly<Record<string, number>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(usage).map(([name, count]) => [name, BigInt(Math.round(count))]));
}

/** @returns the decision as a plugin in process would give it; plugins/decision.ts holds it to its shape. @throws Error */
export function decodeDecision(hook: PluginHook, bytes: Uint8Array): unknown {
  const message = fromBinary(HOOKS[hook][1], bytes) as unknown as Record<string, unknown>;
  const decision: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    if (name.startsWith('$') || value === undefined || isEmpty(value)) continue;
    decision[name] = name === 'body' ? json(value as Uint8Array) : value;
  }
  const { answer } = decision as { answer?: { text: string; body?: Uint8Array } };
  if (answer !== undefined)
    decision['answer'] = answer.body === undefined ? { text: answer.text } : { body: json(answer.body) };
  return decision;
}

/** A list or map of proto3 that nothing was put into is one that was not given. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 0 &&
    !(value instanceof Uint8Array)
  );
}

function json(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}
