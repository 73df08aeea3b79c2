// A chat by the Open Inference Protocol v2: the prompt is a tensor of BYTES, and so is the answer. Triton's own ModelStreamInfer has the
// same messages in a stream, for models that answer in pieces (decoupled).
import {
  type GrpcConfig,
  type GrpcModels,
  GrpcInBandFault,
  type GrpcProtocol,
  type TensorConfig,
} from '../../contracts/grpc-provider.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { compileTemplate, type Template } from '../../jobs/template.ts';
import { type ChatAsk, readAsk } from '../chat/ask.ts';
import { SCOPE_NAMES, scopeOf, takenBy } from '../chat/scope.ts';
import { type Heard, isReason, TextAnswer } from '../chat/text-answer.ts';
import { ProtobufFault } from '../../wire/protobuf-reader.ts';
import { readNames } from '../model-names.ts';
import {
  type InferResponse,
  readInferResponse,
  readStreamResponse,
  type Tensor,
  writeInferRequest,
} from '../tensors.ts';

const SERVICE = '/inference.GRPCInferenceService/';
/** Asks for a last, empty message of models that answer in pieces. */
const FINAL = 'triton_enable_empty_final_response';

/** Triton's own RepositoryIndex, of those that are ready. */
const MODELS: GrpcModels = {
  path: `${SERVICE}RepositoryIndex`,
  message: Uint8Array.of(0x10, 1),
  read: readNames,
};

type Inputs = readonly (readonly [TensorConfig, Template])[];

/** @throws Error that says what of the mapping cannot be compiled. */
export function createInferProtocol(config: GrpcConfig): GrpcProtocol {
  const streams = config.protocol === 'triton';
  const inputs: Inputs = config.inputs.map((input) => [input, compileTemplate(input.value, SCOPE_NAMES)]);
  const parameters = compileTemplate(config.parameters, SCOPE_NAMES);
  const takes = takenBy([config.parameters, ...config.inputs.map(({ value }) => value)]);
  const { text, finishReason, inputTokens, outputTokens } = config.answer;
  const wanted = [text, finishReason, inputTokens, outputTokens].filter((name) => typeof name === 'string');

  return {
    ...(streams && { models: MODELS }),
    ask(body, id, nowS) {
      const ask = readAsk(body, id, nowS, takes);
      const scope = scopeOf(ask, config.prompt);
      const stated = parameters(scope) as JsonObject; // made of an object
      const message = writeInferRequest({
        model: ask.model,
        version: config.modelVersion,
        id,
        parameters: streams ? { [FINAL]: true, ...stated } : stated,
        inputs: tensorsOf(inputs, scope),
        outputs: wanted,
      });
      const path = `${SERVICE}${streams ? 'ModelStreamInfer' : 'ModelInfer'}`;
      return { path, message, answer: answerOf(ask, config, streams), abort: null };
    },
  };
}

function tensorsOf(inputs: Inputs, scope: JsonObject): Tensor[] {
  const tensors: Tensor[] = [];
  for (const [{ name, type, shape, value }, template] of inputs) {
    const found = template(scope);
    // A model has its own idea of what holds where nothing is said.
    if (found === null && value !== null) continue;
    tensors.push({ name, type, shape, values: spread(found, shape) });
  }
  return tensors;
}

/** Values in row-major order. One for all elements, where the shape has more than there are. */
function spread(found: Json, shape: readonly number[]): Json[] {
  const values = Array.isArray(found) ? found.flat(8) : [found];
  const count = shape.reduce((all, size) => all * size, 1);
  const [only] = values;
  return values.length === 1 && count > 1 ? new Array<Json>(count).fill(only!) : values;
}

function answerOf(ask: ChatAsk, config: GrpcConfig, streams: boolean): TextAnswer {
  return new TextAnswer(ask, (message, heard) => {
    if (!streams) {
      hear(readInferResponse(message), config, heard);
      return;
    }
    const { error, response } = readStreamResponse(message);
    if (error !== '') throw new GrpcInBandFault(statusOf(error), error);
    if (response === null) return;
    heard.last = response.final;
    // The last one may have nothing but that it is the last.
    if (!response.final || response.outputs.size > 0) hear(response, config, heard);
  });
}

/** @throws ProtobufFault where the tensor of the text is not there. */
function hear({ outputs }: InferResponse, { answer }: GrpcConfig, heard: Heard): void {
  const { cumulative } = answer;
  const of = (name: string | null | undefined): (string | number)[] | undefined =>
    typeof name === 'string' ? outputs.get(name) : undefined;
  const text = of(answer.text);
  if (text === undefined) throw new ProtobufFault(`it has no tensor ${answer.text}`);
  if (cumulative) heard.whole = text.join('');
  else heard.text = text.join('');
  const reason = String(of(answer.finishReason)?.[0] ?? '');
  if (isReason(reason)) heard.reason = reason;
  const input = of(answer.inputTokens)?.[0];
  if (input !== undefined) heard.inputTokens = Number(input);
  const output = of(answer.outputTokens)?.[0];
  // Counts of pieces add up.
  if (output !== undefined)
    heard.outputTokens = Number(output) + (cumulative ? 0 : (heard.outputTokens ?? 0));
}

/** Triton says in words alone what went wrong in a stream. */
function statusOf(error: string): number {
  if (/unknown model|not found|is not ready/i.test(error)) return 404;
  if (/invalid|unexpected|expected|required|must/i.test(error)) return 400;
  return /exceeds maximum queue size|unavailable|overload/i.test(error) ? 503 : 500;
}
