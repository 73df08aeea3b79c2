// By which names lists of a configuration (endpoints of keys, calls that a guardrail or a plugin is for) mean an operation.
import type { OperationName } from '../contracts/operation.ts';

/** What is asked in several ways is one thing to whoever writes such a list. */
const PART_OF: Readonly<Partial<Record<OperationName, OperationName>>> = {
  'video-form': 'video',
  'video-object': 'video',
};

/** Whether a list has it by its own name, or by that of what it is a part of. */
export function listsOperation(list: readonly string[], name: OperationName): boolean {
  if (list.includes(name)) return true;
  const whole = PART_OF[name];
  return whole !== undefined && list.includes(whole);
}

/** Every name it goes by. */
export function listedNames(name: OperationName): readonly string[] {
  const whole = PART_OF[name];
  return whole === undefined ? [name] : [name, whole];
}
