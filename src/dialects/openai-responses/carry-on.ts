// An answer that broke off and is gone on with: the turns asked for in its request, and what its events told.
import type { BodyFacts, Edit } from '../../contracts/body.ts';
import type { StreamMarks } from '../../contracts/answer-context.ts';
import { appendTurns, plainTurn, turns, memberValue } from '../carry-on.ts';
import { numberAt, objectAt, parseObject, stringAt } from '../lenient.ts';

const QUOTE = 0x22;

/** `input` is a list of items, or the text of the user. */
export function carryOn(
  body: Buffer,
  facts: BodyFacts,
  said: string,
  instruction: string | null,
): Edit[] | null {
  const value = memberValue('input', body, facts);
  if (value === null || body[value.start] !== QUOTE)
    return appendTurns('input', plainTurn, body, facts, said, instruction);
  const begun = `[{"role":"user","content":${body.toString('utf8', value.start, value.end)}}`;
  return [{ ...value, text: `${begun},${turns(plainTurn, said, instruction).join(',')}]` }];
}

/** Numbers of events and ids of items. */
export function mark(_event: string, data: string, marks: StreamMarks): void {
  const body = parseObject(data);
  if (body === null) return;
  const number = numberAt(body, 'sequence_number');
  if (number !== null) marks.sequence = number + 1;
  if (stringAt(body, 'type') !== 'response.output_item.added') return;
  const id = stringAt(objectAt(body, 'item') ?? {}, 'id');
  marks.items[numberAt(body, 'output_index') ?? marks.items.length] = id ?? '';
}
