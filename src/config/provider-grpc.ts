// How a model server is asked by gRPC: what the file states over what the protocol has by itself. Everything is compiled once here, so that
// what is wrong is told before it is in force.
import type {
  AnswerPlaces,
  GrpcConfig,
  GrpcProtocolName,
  MappedMethod,
  PromptFormat,
  TensorConfig,
} from '../contracts/grpc-provider.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import type { ProviderRecord } from '../contracts/provider.ts';
import { isObject } from '../dialects/read.ts';
import { PROMPT_FORMATS } from '../grpc/chat/prompt.ts';
import { descriptorsOf } from '../grpc/proto-text.ts';
import { createGrpcProtocol } from '../grpc/protocols/protocols.ts';
import type { BuildContext } from './build-context.ts';
import type { ProviderEntry } from './schema/provider.ts';

type Entry = NonNullable<ProviderEntry['grpc']>;
type Path = Parameters<BuildContext['report']>[0];

const DEFAULTS = { maxMessageBytes: 67_108_864, connections: 4, keepaliveMs: 300_000 } as const;
/** Of models that take and give text at Triton: its vLLM backend, its TensorRT-LLM ensembles. */
const INPUT = 'text_input';
const OUTPUT = 'text_output';
/** Members that only one kind of protocol reads. */
const OF_TENSORS = ['input', 'inputs', 'parameters', 'modelVersion'] as const;
const OF_PROTO = ['proto', 'descriptors', 'method', 'request', 'methods'] as const;

/** `grpc://` and `grpcs://` say which protocol is spoken on HTTP/2; the connection is that of `http://` and `https://`. */
export function plainUrl(url: string, record: ProviderRecord | undefined): string {
  return record?.grpc === undefined ? url : url.replace(/^grpc(s?):/i, 'http$1:').replace(/\/+$/, '');
}

export function grpcUrlFault(url: string): string | null {
  const { pathname, search } = new URL(url);
  return pathname === '/' && search === '' ? null : 'the address of a gRPC server has no path';
}

/** A proxy of the environment is for HTTP/1.1, and without TLS there is no tunnel through it. */
export function grpcWay(
  name: string,
  entry: ProviderEntry,
  record: ProviderRecord | undefined,
  url: string,
  context: BuildContext,
): ProviderEntry {
  if (record?.grpc === undefined || !url.startsWith('http:')) return entry;
  if (typeof entry.proxy === 'string')
    context.report(
      ['providers', name, 'proxy'],
      'only a gRPC server with TLS (`grpcs://`) is reached through a proxy',
    );
  return { ...entry, proxy: false };
}

export function buildGrpc(
  name: string,
  { grpc: entry = {}, dialect, paths, passthrough }: ProviderEntry,
  protocol: GrpcProtocolName,
  context: BuildContext,
): GrpcConfig {
  const at: Path = ['providers', name, 'grpc'];
  if (dialect !== undefined || paths !== undefined)
    context.report(['providers', name], 'it is asked by gRPC: it has no `dialect` and no `paths`');
  if (passthrough === true)
    context.report(['providers', name, 'passthrough'], 'callers have no credential of a gRPC server');
  if (entry.protocol !== undefined && entry.protocol !== protocol)
    context.report([...at, 'protocol'], `its vendor speaks \`${protocol}\``);
  refuseOthers(entry, protocol, at, context);
  const tensors = protocol === 'oip' || protocol === 'triton';
  const config: GrpcConfig = {
    protocol,
    prompt: promptOf(entry.prompt),
    inputs: tensors ? inputsOf(entry) : [],
    parameters: objectAt(entry.parameters, [...at, 'parameters'], context) ?? {},
    modelVersion: entry.modelVersion ?? '',
    answer: placesOf(entry.answer, tensors ? OUTPUT : null),
    descriptors: protocol === 'proto' ? descriptors(entry, at, context) : '',
    methods: protocol === 'proto' ? methodsOf(entry, at, context) : {},
    maxMessageBytes: entry.maxMessageBytes ?? DEFAULTS.maxMessageBytes,
    connections: entry.connections ?? DEFAULTS.connections,
    keepaliveMs: entry.keepaliveMs ?? DEFAULTS.keepaliveMs,
  };
  if (protocol === 'proto' && config.descriptors === '') return config;
  try {
    createGrpcProtocol(config);
  } catch (cause) {
    context.report(at, cause instanceof Error ? cause.message : String(cause));
  }
  return config;
}

/** What nobody would read is a mistake. */
function refuseOthers(entry: Entry, protocol: GrpcProtocolName, at: Path, context: BuildContext): void {
  const tensors = protocol === 'oip' || protocol === 'triton';
  const others = [...(tensors ? [] : OF_TENSORS), ...(protocol === 'proto' ? [] : OF_PROTO)];
  for (const member of others)
    if (entry[member] !== undefined)
      context.report([...at, member], `means nothing to the protocol \`${protocol}\``);
}

function promptOf(stated: Entry['prompt']): GrpcConfig['prompt'] {
  if (stated === undefined || stated === 'plain' || stated === 'last') return stated ?? 'plain';
  if (typeof stated === 'string') return PROMPT_FORMATS[stated];
  const { begin = '', answer = '', system, user, assistant } = stated;
  const around = (marks: typeof user): PromptFormat['user'] => [marks?.before ?? '', marks?.after ?? ''];
  return {
    begin,
    answer,
    system: system === undefined ? null : around(system),
    user: around(user),
    assistant: around(assistant),
  };
}

function inputsOf({ input = INPUT, inputs = [] }: Entry): TensorConfig[] {
  const stated = inputs.map(
    ({ name, type = 'BYTES', shape = [1], value }): TensorConfig => ({
      name,
      type,
      shape,
      value: value as Json,
    }),
  );
  if (stated.some(({ name }) => name === input)) return stated;
  return [{ name: input, type: 'BYTES', shape: [1], value: '{{prompt}}' }, ...stated];
}

function placesOf(stated: Entry['answer'], text: string | null): AnswerPlaces {
  return { ...stated, text: stated?.text ?? text, cumulative: stated?.cumulative ?? false };
}

function objectAt(value: unknown, at: Path, context: BuildContext): JsonObject | null {
  if (value === undefined) return null;
  if (isObject(value as Json)) return value as JsonObject; // looked at just now
  context.report(at, 'must be a mapping');
  return null;
}

function descriptors({ proto, descriptors: stated }: Entry, at: Path, context: BuildContext): string {
  if ((proto === undefined) === (stated === undefined)) {
    context.report(at, 'state `proto` (`file:llm.proto`) or `descriptors`, one of both');
    return '';
  }
  if (proto === undefined) return stated!.replace(/\s+/g, '');
  try {
    return descriptorsOf(typeof proto === 'string' ? { 'it.proto': proto } : proto);
  } catch (cause) {
    context.report([...at, 'proto'], cause instanceof Error ? cause.message : String(cause));
    return '';
  }
}

function methodsOf(entry: Entry, at: Path, context: BuildContext): Record<string, MappedMethod> {
  const { method, request, methods = {}, answer } = entry;
  const built: Record<string, MappedMethod> = {};
  for (const [model, one] of Object.entries(methods))
    built[model] = {
      method: one.method,
      request: objectAt(one.request, [...at, 'methods', model, 'request'], context),
      answer: placesOf(one.answer ?? answer, null),
    };
  if (method !== undefined)
    built['*'] = {
      method,
      request: objectAt(request, [...at, 'request'], context),
      answer: placesOf(answer, null),
    };
  else if (request !== undefined) context.report([...at, 'request'], 'a request of no `method`');
  return built;
}
