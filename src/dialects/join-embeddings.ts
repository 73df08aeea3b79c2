// The answers to the parts of one request for embeddings, as the answer to the whole of it. Pure; two thousand vectors are tens
// of megabytes, so that it mostly runs in a thread.
import type { AnswerContext } from '../contracts/answer-context.ts';
import type { Usage } from '../contracts/chat.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { EmbeddingAnswer } from '../contracts/embedding.ts';
import { parseAnswer } from './answer-json.ts';
import { badOutput } from './bad-output.ts';
import { pairOf } from './translate.ts';

/**
 * @param bodies in the order of their inputs, all in `dialect`; at least one. @param counts inputs of each.
 * @throws GatewayError when one of them is no answer, or has another number of vectors than its inputs.
 */
export function joinEmbeddings(
  bodies: readonly Buffer[],
  counts: readonly number[],
  dialect: Dialect,
  context: AnswerContext,
): string {
  const codec = pairOf(dialect, 'embeddings');
  const answers = bodies.map((body, at) => {
    // All codecs of the operation have this neutral form.
    const answer = codec.decodeAnswer(parseAnswer(body, false)) as EmbeddingAnswer;
    if (answer.vectors.length !== counts[at]) throw badOutput('There are not as many embeddings as inputs.');
    return answer;
  });
  const [first] = answers;
  const whole: EmbeddingAnswer = {
    id: first!.id,
    model: first!.model,
    vectors: answers.flatMap(({ vectors }) => vectors),
    usage: answers.map(({ usage }) => usage).reduce(sum),
  };
  return codec.encodeAnswer(whole, context);
}

/** What one of two does not say is what the other says. */
function sum(one: Usage | null, other: Usage | null): Usage | null {
  if (one === null || other === null) return one ?? other;
  return { ...one, input: add(one.input, other.input), output: add(one.output, other.output) };
}

function add(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : one + other;
}
