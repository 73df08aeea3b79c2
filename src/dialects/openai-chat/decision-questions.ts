// Questions of a decision as one function that a model must call, and its arguments as the answers.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { arrayAt, numberAt, stringAt } from '../lenient.ts';
import { asObject, at, badRequest, isObject, needArray, needString, oneOf, readString } from '../read.ts';

export interface Question {
  type: 'predicate' | 'choice' | 'score';
  name: string | null;
  instructions: string;
  /** Of a choice its values, of a score the labels of its levels. */
  values: (string | boolean)[];
  /** What each value means; '' = nothing is said. */
  meanings: string[];
}

const OPTIONS = { choice: ['choices', 'value'], score: ['levels', 'label'] } as const;

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function readQuestions(body: JsonObject): Question[] {
  const list = needArray(body, 'questions', '');
  if (list.length === 0) throw badRequest('questions', "Invalid value: 'questions' must not be empty.");
  return list.map((item, index) => {
    const path = `questions[${index}]`;
    const question = asObject(item, path);
    const type = oneOf(
      needString(question, 'type', path),
      ['predicate', 'choice', 'score'] as const,
      at(path, 'type'),
    );
    const criteria = question['criteria'];
    const instructions = [textOf(question['instructions']), textOf(criteria)].filter((text) => text !== '');
    return {
      type,
      name: readString(question, 'name', path),
      instructions: instructions.join('\n'),
      ...(type === 'predicate' ? { values: [], meanings: [] } : optionsOf(question, type, path)),
    };
  });
}

function optionsOf(
  question: JsonObject,
  type: 'choice' | 'score',
  path: string,
): Pick<Question, 'values' | 'meanings'> {
  const [member, key] = OPTIONS[type];
  const options = needArray(question, member, path);
  if (options.length < 2) throw badRequest(at(path, member), `'${at(path, member)}' must have two at least.`);
  const values = options.map((item, index) => {
    const where = `${at(path, member)}[${index}]`;
    const value = isObject(item) ? item[key] : item;
    if (typeof value === 'string' || (typeof value === 'boolean' && type === 'choice')) return value;
    throw badRequest(
      `${where}.${key}`,
      `'${where}.${key}' must be a string${type === 'choice' ? ' or a boolean' : ''}.`,
    );
  });
  return { values, meanings: options.map((item) => (isObject(item) ? textOf(item['description']) : '')) };
}

/** Structured data as its JSON. */
const textOf = (value: Json | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const FIELD = { predicate: 'number', score: 'number' } as const;

/** The function's parameters: `q0`, `q1`, … in the order of the questions. */
export function parametersOf(questions: readonly Question[]): JsonObject {
  const properties: JsonObject = {};
  questions.forEach((question, index) => {
    const { type, values } = question;
    const kinds = [...new Set(values.map((value) => typeof value))];
    const description = describe(question);
    properties[`q${index}`] =
      type === 'choice'
        ? { type: kinds.length === 1 ? kinds[0]! : kinds, enum: values, description }
        : { type: FIELD[type], description };
  });
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function describe({ type, instructions, values, meanings }: Question): string {
  const options = values.map((value, index) => {
    const meaning = meanings[index] === '' ? '' : `: ${meanings[index]}`;
    return type === 'score' ? `${index} = ${value}${meaning}` : `${JSON.stringify(value)}${meaning}`;
  });
  const how = {
    predicate: 'The probability from 0 to 1 that this is true.',
    choice: 'The one that fits best of',
    score: 'The level, which may lie between two of them:',
  }[type];
  return [instructions, `${how}${options.length === 0 ? '' : ` ${options.join('; ')}`}`]
    .filter(Boolean)
    .join('\n');
}

/** @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when a question was not answered. */
export function answersOf(questions: readonly Json[], given: JsonObject): JsonObject[] {
  return questions.map((item, index) => {
    const question = isObject(item) ? item : {};
    const type = stringAt(question, 'type') ?? '';
    const name = stringAt(question, 'name');
    const answer: JsonObject = name === null ? { type } : { type, name };
    const key = `q${index}`;
    if (type === 'choice') {
      const values = arrayAt(question, 'values');
      const chosen = values.find((value) => value === given[key]);
      if (chosen === undefined) throw badOutput(`Question ${index} was answered with none of its choices.`);
      return { ...answer, choice: chosen };
    }
    const number = numberIn(given, key);
    if (number === null) throw badOutput(`Question ${index} was not answered with a number.`);
    const most = type === 'score' ? arrayAt(question, 'values').length - 1 : 1;
    const kept = Math.min(most, Math.max(0, number));
    return type === 'score' ? { ...answer, score: kept } : { ...answer, probability: kept };
  });
}

/** Some write a number as text. */
function numberIn(given: JsonObject, key: string): number | null {
  const text = stringAt(given, key);
  if (text === null) return numberAt(given, key);
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}
