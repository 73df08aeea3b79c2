// Rerank of AWS's `bedrock-agent-runtime`, as client: docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Rerank.html
// One query, documents each in its own wrapping, the model by its ARN; results without what each of them was.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import type { BodyFacts } from '../../contracts/body.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { RerankAnswer } from '../../contracts/rerank.ts';
import { numberAt } from '../lenient.ts';
import {
  asObject,
  at,
  badRequest,
  needArray,
  needObject,
  needString,
  readInteger,
  readObject,
} from '../read.ts';

const OUTER = 'rerankingConfiguration';
const INNER = 'bedrockRerankingConfiguration';

/** The same as Cohere has it. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function reshape(body: Buffer, { exoticNumbers }: BodyFacts): Buffer {
  // It was inspected: an object.
  const request = parseLossless(body.toString('utf8'), exoticNumbers) as JsonObject;
  const queries = needArray(request, 'queries', '');
  if (queries.length !== 1) throw badRequest('queries', "Invalid value: 'queries' must have one query.");
  const query = textIn(asObject(queries[0], at('queries', 0)), 'textQuery', at('queries', 0));
  const documents = needArray(request, 'sources', '').map((source, index) =>
    documentOf(source, at('sources', index)),
  );
  const path = at(OUTER, INNER);
  const settings = needObject(needObject(request, OUTER, ''), INNER, OUTER);
  const chosen = needObject(settings, 'modelConfiguration', path);
  const inModel = at(path, 'modelConfiguration');
  const most = readInteger(settings, 'numberOfResults', path, 1);
  const reshaped: JsonObject = {
    ...readObject(chosen, 'additionalModelRequestFields', inModel),
    model: needString(chosen, 'modelArn', inModel),
    query,
    documents,
  };
  if (most !== null) reshaped['top_n'] = most;
  return Buffer.from(stringifyJson(reshaped));
}

function textIn(object: JsonObject, key: string, path: string): string {
  return needString(needObject(object, key, path), 'text', at(path, key));
}

/** A text, or what else it is as it came. */
function documentOf(source: Json, path: string): Json {
  const inline = needObject(asObject(source, path), 'inlineDocumentSource', path);
  const inInline = at(path, 'inlineDocumentSource');
  const json = inline['jsonDocument'];
  return json === undefined || json === null ? textIn(inline, 'textDocument', inInline) : json;
}

/** @param context of it, how many results are asked for, which not every vendor takes. */
export function encodeAnswer({ results }: RerankAnswer, { remembered }: AnswerContext): string {
  const most = numberAt(remembered ?? {}, 'most') ?? results.length;
  return JSON.stringify({
    results: results.slice(0, most).map(({ index, score }) => ({ index, relevanceScore: score })),
  });
}
