import { describe, expect, it } from 'vitest';
import { checkBody, checkPatch } from './checked.ts';
import { object } from './fields.ts';
import { BUDGETS, LIMITS } from './resources.ts';

describe('what a limit or a budget is counted per, as the file may say it', () => {
  for (const { plural, fields } of [LIMITS, BUDGETS]) {
    const schema = object(fields);
    it(`${plural}: one scope is a list of one, in a body and in a change`, () => {
      expect(checkBody(schema, { per: 'key' })).toEqual({ per: ['key'] });
      expect(checkBody(schema, { per: ['key', 'model'] })).toEqual({ per: ['key', 'model'] });
      expect(checkPatch(schema, { per: 'team', match: null })).toEqual({ per: ['team'], match: null });
      expect(checkPatch(schema, { per: null })).toEqual({ per: null });
    });
    it(`${plural}: what is no scope is told with those there are`, () => {
      for (const per of ['keys', ['keys'], 5, [['key']]])
        expect(() => checkBody(schema, { per })).toThrow(/^per.*`key`/);
    });
  }
});
