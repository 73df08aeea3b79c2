// What Google's clients ask Vertex AI by `:predict` for vectors: one text an instance, and one prediction for each in the answer.
// https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
import { memberSpan } from '../../body/member-edits.ts';
import type { BodyFacts } from '../../contracts/body.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { EmbeddingAnswer, EmbeddingNames, EmbeddingRequest } from '../../contracts/embedding.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt } from '../lenient.ts';
import { asObject, at, isObject, needArray, readBoolean, readInteger, readObject } from '../read.ts';
import { floatsOf } from '../vectors.ts';
import { allAlike, inputOf, taskOf } from './embed-requests.ts';

const KNOWN: ReadonlySet<string> = new Set(['instances', 'parameters', 'model', 'fallbacks']);
const INSTANCE: ReadonlySet<string> = new Set(['content', 'task_type', 'taskType']);
const SIZES = ['outputDimensionality', 'output_dimensionality', 'dimension'];
const CUTS = ['autoTruncate', 'auto_truncate'];

/** Whether a body is one of `:predict`, by the names of its members. */
export function hasInstances(body: Buffer, { members }: BodyFacts): boolean {
  return memberSpan(body, members, 'instances') !== null;
}

/** @throws GatewayError GW_CLIENT_BAD_REQUEST; GW_CLIENT_UNSUPPORTED when the instances do not want the same. */
export function decodePredict(body: JsonObject): EmbeddingRequest {
  const parameters = readObject(body, 'parameters', '') ?? {};
  const said = (names: readonly string[]): string =>
    names.find((name) => parameters[name] !== undefined) ?? names[0]!;
  const [size, cut] = [said(SIZES), said(CUTS)];
  const cuts = readBoolean(parameters, cut, 'parameters');
  const dimensions = readInteger(parameters, size, 'parameters', 1);
  const shared = {
    dimensions,
    truncate: cuts === null ? null : cuts ? ('end' as const) : ('none' as const),
    user: null,
    mustNotDrop: [],
  };
  const all = needArray(body, 'instances', '').map((item, index): EmbeddingRequest => {
    const path = `instances[${index}]`;
    const instance = asObject(item, path);
    const task = instance['taskType'] === undefined ? 'task_type' : 'taskType';
    const { purpose, lost } = taskOf(instance, task, path);
    const names: EmbeddingNames = {
      inputs: at(path, 'content'),
      dimensions: at('parameters', size),
      purpose: at(path, task),
      truncate: at('parameters', cut),
      user: at(path, 'user'),
    };
    const dropped = [...rest(instance, INSTANCE, path), ...lost];
    return { ...shared, inputs: [inputOf(instance['content'], names.inputs)], names, purpose, dropped };
  });
  const whole = allAlike(all, 'instances');
  return {
    ...whole,
    dropped: [
      ...whole.dropped,
      ...rest(body, KNOWN, ''),
      ...rest(parameters, new Set([size, cut]), 'parameters'),
    ],
  };
}

const rest = (body: JsonObject, known: ReadonlySet<string>, path: string): string[] =>
  Object.keys(body)
    .filter((key) => !known.has(key))
    .map((key) => at(path, key));

const BLANK = /\s/gu;

/** What an answer has to know of its request: how long each text is. Never throws. */
export function rememberPredict(body: JsonObject): JsonObject {
  return {
    characters: arrayAt(body, 'instances').map((item) => {
      const content = isObject(item) ? item['content'] : undefined;
      return typeof content === 'string' ? [...content.replace(BLANK, '')].length : 0;
    }),
  };
}

/** @param context of it, what `rememberPredict` made; nothing where the answer is put together from several. */
export function encodePredictions({ vectors, usage }: EmbeddingAnswer, context: AnswerContext): string {
  const { remembered, promptEstimate } = context;
  const characters = arrayAt(remembered ?? {}, 'characters').map(Number);
  const tokens = sharesOf(
    usage?.input ?? promptEstimate ?? 0,
    vectors.map((_, index) => characters[index] ?? 1),
  );
  const predictions = vectors.map((vector, index) => ({
    embeddings: {
      values: floatsOf(vector),
      statistics: { token_count: tokens[index]!, truncated: false },
    },
  }));
  if (characters.length === 0) return JSON.stringify({ predictions });
  const billableCharacterCount = characters.reduce((sum, count) => sum + count, 0);
  return JSON.stringify({ predictions, metadata: { billableCharacterCount } });
}

/** Whole numbers that are `total` together, as the weights are to each other: vendors count the tokens of all texts in one. */
function sharesOf(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const even = sum === 0;
  let [before, given] = [0, 0];
  return weights.map((weight) => {
    before += even ? 1 : weight;
    const until = Math.round((total * before) / (even ? weights.length : sum));
    const share = until - given;
    given = until;
    return share;
  });
}
