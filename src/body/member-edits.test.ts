import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inspectBody } from './inspect.ts';
import { MemberEdits, memberName } from './member-edits.ts';
import { applyEdits } from './splice.ts';

const space = fc.constantFrom('', ' ', '\n\t');
const names = ['a', 'temperature', 'x"y', 'ünï', 'seed', 'z'];

test('any members removed, renamed, changed and added leave the JSON that is meant', () => {
  const action = fc.constantFrom('keep', 'remove', 'rename', 'set');
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.jsonValue(), action, space), {
        selector: ([name]) => name,
      }),
      fc.array(fc.nat(), { maxLength: 2 }),
      (given, added) => {
        const text = given.map(
          ([name, value, , gap]) =>
            `${gap}${JSON.stringify(name)}${gap}:${gap}${JSON.stringify(value)}${gap}`,
        );
        const body = Buffer.from(`{${text.join(',')}}`);
        const facts = inspectBody(body);
        const edits = new MemberEdits(facts.members, facts.insertAt);
        expect(edits.count).toBe(given.length);
        const meant: [string, unknown][] = [];
        given.forEach(([name, value, what], index) => {
          expect(memberName(body, facts.members, index)).toBe(
            name === 'ünï' ? Buffer.from(name).toString('latin1') : name,
          );
          if (what === 'remove') edits.remove(index);
          if (what === 'rename') edits.rename(index, `new ${name}`);
          if (what === 'set') edits.setValue(index, '[0]');
          if (what === 'rename') meant.push([`new ${name}`, value]);
          if (what === 'keep') meant.push([name, value]);
          if (what === 'set') meant.push([name, [0]]);
        });
        added.forEach((value, index) => {
          edits.insert(`"added${index}":${value}`);
          meant.push([`added${index}`, value]);
        });
        const out = JSON.parse(applyEdits(body, edits.list()).toString()) as object;
        expect(out).toEqual(JSON.parse(JSON.stringify(Object.fromEntries(meant))));
      },
    ),
    { numRuns: 500 },
  );
});

test('a key with escapes has the name it stands for, an endless one none', () => {
  const body = Buffer.from(`{"temper\\u0061ture":1,"${'n'.repeat(180)}":2}`);
  const { members } = inspectBody(body);
  expect([memberName(body, members, 0), memberName(body, members, 1)]).toEqual(['temperature', '']);
});
