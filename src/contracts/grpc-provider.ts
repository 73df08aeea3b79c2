// Model servers that are asked by gRPC: how they are configured, and what one of their protocols is to the connection that carries it.
import type { Json, JsonObject } from './json.ts';

/**
 * `oip`: ModelInfer of the Open Inference Protocol v2 (KServe, Triton, others). `triton`: Triton's own ModelStreamInfer. `vllm`:
 * vLLM's VllmEngine. `sglang`: SGLang's SglangService. `proto`: whatever a .proto describes, by a mapping.
 */
export const GRPC_PROTOCOLS = ['oip', 'triton', 'vllm', 'sglang', 'proto'] as const;
export type GrpcProtocolName = (typeof GRPC_PROTOCOLS)[number];

/** How a conversation becomes the one text that a model without roles is asked with. */
export interface PromptFormat {
  /** In front of everything. */
  begin: string;
  /** In front of and behind what each role says. Null = the model knows no such role: it stands before the first words of the user. */
  system: readonly [before: string, after: string] | null;
  user: readonly [before: string, after: string];
  assistant: readonly [before: string, after: string];
  /** Behind everything: where the answer begins. */
  answer: string;
}

/** Data types of tensors that are written. */
export const TENSOR_TYPES = [
  'BYTES',
  'BOOL',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'FP32',
  'FP64',
] as const;
export type TensorType = (typeof TENSOR_TYPES)[number];

/** A tensor of a request. */
export interface TensorConfig {
  name: string;
  type: TensorType;
  shape: readonly number[];
  /** With `{{path}}` where values go; where all of it is one place that finds nothing the tensor is left out. */
  value: Json;
}

/** Where an answer says what: names of tensors, or paths in a message (`choices.0.text`). */
export interface AnswerPlaces {
  /** Null = the whole message, as JSON. */
  text: string | null;
  finishReason?: string;
  inputTokens?: string;
  outputTokens?: string;
  /** What went wrong, in words, where a message may say so. */
  error?: string;
  /** Each message has all of the text so far, and not only what is new. */
  cumulative: boolean;
}

/** A method of a .proto and how a chat becomes a call of it. */
export interface MappedMethod {
  /** `package.Service/Method`. */
  method: string;
  /** The request message, with `{{path}}`; null = the last message of the conversation is it, as JSON. */
  request: JsonObject | null;
  answer: AnswerPlaces;
}

export interface GrpcConfig {
  protocol: GrpcProtocolName;
  /** Only where a prompt is made. */
  prompt: PromptFormat | 'plain' | 'last';
  /** `oip`, `triton`: the tensors of a request, the prompt's among them. */
  inputs: readonly TensorConfig[];
  /** `oip`, `triton`: parameters of a request. */
  parameters: JsonObject;
  /** `oip`, `triton`: version of the model; '' = the server's own choice. */
  modelVersion: string;
  /** `oip`, `triton`. */
  answer: AnswerPlaces;
  /** `proto`: a FileDescriptorSet in base64. */
  descriptors: string;
  /** `proto`: by the name of a model; `*` = any other. Models that are here by no name are `package.Service/Method` themselves. */
  methods: Readonly<Record<string, MappedMethod>>;
  /** Larger answers are refused. */
  maxMessageBytes: number;
  /** HTTP/2 connections of one worker. */
  connections: number;
  /** Pings this often while calls are under way. */
  keepaliveMs: number;
}

/** A call of a model server, ready to be sent. */
export interface GrpcAsk {
  /** `/package.Service/Method`. */
  path: string;
  message: Uint8Array;
  answer: GrpcAnswer;
  /** Tells the server that nobody waits any more, beside what HTTP/2 says. */
  abort: { path: string; message: Uint8Array } | null;
}

/** Reads what a server answers, and says it as Chat Completions do. */
export interface GrpcAnswer {
  /**
   * One message.
   * @returns events that there are now, '' while there is nothing to tell; of a whole answer always ''.
   * @throws GrpcInBandFault where it says that something went wrong; anything else where it is not the message it should be.
   */
  take(message: Buffer): string;
  /** A message said that it was the last: the server is not waited for. */
  readonly done: boolean;
  /** The server is done. @returns the last events, or the whole answer. @throws as `take`. */
  end(): string;
}

/** What has to be got from a server once, before it can be asked anything. */
export interface GrpcPreparation {
  /** `/package.Service/Method`, which answers with any number of messages. */
  path: string;
  message: Uint8Array;
  /** All of them. @throws Error where they are not what they should be. */
  take(messages: readonly Buffer[]): void;
}

/** A server's list of its models. */
export interface GrpcModels {
  /** `/package.Service/Method`, unary. */
  path: string;
  message: Uint8Array;
  /** @returns their names. @throws Error where it is no such answer. */
  read(message: Buffer): string[];
}

export interface GrpcProtocol {
  /** Absent: there is nothing to get. */
  readonly preparation?: GrpcPreparation;
  /** Which models it has; absent = it cannot be asked. */
  readonly models?: GrpcModels;
  /**
   * @param body a request of Chat Completions. @param id of the call, unlike any other's.
   * @throws GatewayError GW_CLIENT_UNSUPPORTED or GW_CLIENT_BAD_REQUEST, naming the field.
   */
  ask(body: JsonObject, id: string, nowS: number): GrpcAsk;
}

/** A server that ends a call with OK and says in words that it failed. */
export class GrpcInBandFault extends Error {
  /** HTTP status that stands for it. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'GrpcInBandFault';
    this.status = status;
  }
}
