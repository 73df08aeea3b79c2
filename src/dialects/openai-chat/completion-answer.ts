// Answers of the older completions, whole: text_completion objects to and from the neutral form.
import type { AnswerFacts, ChatAnswer, Choice, TokenLogprob } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, numberAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { completionId } from './answer-id.ts';
import { faultIn } from './faults.ts';
import { decodeStop, encodeStop, finishReasonOf } from './stop-reason.ts';
import { findUsage, writeUsage } from './usage.ts';

/** @throws GatewayError when the 200 holds a fault or no answer. */
export function readCompletion(body: JsonObject): AnswerFacts {
  const choice = arrayAt(body, 'choices')[0];
  if (!isObject(choice)) {
    const fault = faultIn(body, JSON.stringify(body));
    throw fault === null ? badOutput('The answer has no choices.') : faultError(fault);
  }
  const reason = finishReasonOf(choice);
  return {
    usage: findUsage(body),
    stop: reason === null ? null : decodeStop(reason),
    model: stringAt(body, 'model') || null,
    id: stringAt(body, 'id') || null,
  };
}

/** @throws GatewayError as readCompletion. */
export function decodeCompletion(body: JsonObject): ChatAnswer {
  const { usage, stop, model, id } = readCompletion(body);
  // Of several prompts, or several answers to one.
  const [first, ...others] = arrayAt(body, 'choices').filter(isObject);
  return {
    id: id ?? '',
    model: model ?? '',
    created: numberAt(body, 'created'),
    parts: partsOf(first),
    stop,
    stopSequence: null,
    usage,
    ...(others.length > 0 && {
      others: others.map((choice) => {
        const reason = finishReasonOf(choice);
        return { parts: partsOf(choice), stop: reason === null ? null : decodeStop(reason) };
      }),
    }),
  };
}

function partsOf(choice: JsonObject | undefined): Choice['parts'] {
  return [{ kind: 'text', text: (choice && stringAt(choice, 'text')) ?? '', cache: null }];
}

/** What is no text has no place there: reasoning is left out, a refusal is what is said. */
export function encodeCompletion(answer: ChatAnswer, context: AnswerContext): string {
  const echo = echoOf(context);
  const choices = [answer, ...(answer.others ?? [])].map(({ parts, stop }, index) => ({
    text:
      echo + parts.map((part) => (part.kind === 'text' || part.kind === 'refusal' ? part.text : '')).join(''),
    index,
    logprobs: writeChances(
      parts.flatMap((part) => (part.kind === 'text' ? (part.logprobs ?? []) : [])),
      0,
    ),
    finish_reason: encodeStop(stop ?? 'end', false),
  }));
  return JSON.stringify({
    ...namesOf(answer, context),
    choices,
    ...(answer.usage === null ? {} : { usage: writeUsage(answer.usage) }),
  });
}

/** The prompt, where it is to be said again in front of each answer. */
export function echoOf({ remembered }: AnswerContext): string {
  return stringAt(remembered ?? {}, 'echo') ?? '';
}

/** Chances of tokens as they were told before chats; null = there are none. @param from where in the text the first token stands. */
export function writeChances(chances: readonly TokenLogprob[], from: number): JsonObject | null {
  if (chances.length === 0) return null;
  let offset = from;
  const offsets = chances.map(({ token }) => (offset += token.length) - token.length);
  return {
    tokens: chances.map(({ token }) => token),
    token_logprobs: chances.map(({ logprob }) => logprob),
    top_logprobs: chances.map(({ top }) =>
      Object.fromEntries(top.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: offsets,
  };
}

/** The beginning of an answer and of each piece of one. */
export function namesOf(
  { id, model, created }: Pick<ChatAnswer, 'id' | 'model' | 'created'>,
  context: AnswerContext,
): JsonObject {
  return {
    id: completionId(id, context),
    object: 'text_completion',
    created: created ?? Math.floor(context.now),
    model: model === '' ? context.model : model,
  };
}
