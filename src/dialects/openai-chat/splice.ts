// The byte path of a request: the few values the gateway owns are edited into the client's bytes, and every other byte
// goes on as the client sent it.
import type { BodyFacts, Edit, EncodeTarget } from '../../contracts/body.ts';

const INCLUDE_USAGE = '"include_usage":true';

/** Calls in a row mostly go to the same model: its name is written once for them. */
let lastModel = '';
let lastText = '""';

function textOf(model: string): string {
  if (model !== lastModel) {
    lastText = JSON.stringify(model);
    lastModel = model;
  }
  return lastText;
}

/**
 * Edits in rising order: the model's name where it differs, `stream_options.include_usage` for a stream whose client
 * did not ask (the watcher hides that chunk again), and the gateway's own `fallbacks` member cut out.
 */
export function splice(facts: BodyFacts, target: EncodeTarget): Edit[] {
  const { modelMember, model, fallbacksMember } = facts;
  const asks = facts.stream && target.streamUsage && !facts.includeUsage;
  if (asks || fallbacksMember !== null || modelMember === null) return spliceMore(facts, target, asks);
  // Nearly all requests.
  if (model === target.model) return [];
  const { start, end } = modelMember.value;
  return [{ start, end, text: textOf(target.model) }];
}

/** @param asks for usage, where the client did not. */
function spliceMore(facts: BodyFacts, target: EncodeTarget, asks: boolean): Edit[] {
  const edits: Edit[] = [];
  const inserted: string[] = [];
  if (facts.modelMember === null) {
    inserted.push(`"model":${textOf(target.model)}`);
  } else if (facts.model !== target.model) {
    const { start, end } = facts.modelMember.value;
    edits.push({ start, end, text: textOf(target.model) });
  }
  if (asks) {
    askForUsage(facts, { edit: (edit) => edits.push(edit), insert: (member) => inserted.push(member) });
  }
  if (facts.fallbacksMember !== null) {
    const { start, end } = facts.fallbacksMember.cut;
    edits.push({ start, end, text: '' });
  }
  if (inserted.length > 0) {
    const comma = facts.empty || onlyFallbacks(facts) ? '' : ',';
    edits.push({ start: facts.insertAt, end: facts.insertAt, text: inserted.join(',') + comma });
  }
  return edits.length < 2 ? edits : edits.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Edits of a stream's request that has not asked for usage, so that it does. */
export function askForUsage(
  facts: BodyFacts,
  into: { edit(edit: Edit): void; insert(member: string): void },
): void {
  const options = facts.streamOptionsMember;
  if (options === null) {
    into.insert(`"stream_options":{${INCLUDE_USAGE}}`);
  } else if (facts.streamOptions === 'null') {
    into.edit({ ...options.value, text: `{${INCLUDE_USAGE}}` });
  } else if (facts.includeUsageValue !== null) {
    into.edit({ ...facts.includeUsageValue, text: 'true' });
  } else {
    const at = options.value.start + 1;
    const text = facts.streamOptions === 'filled' ? `${INCLUDE_USAGE},` : INCLUDE_USAGE;
    into.edit({ start: at, end: at, text });
  }
}

// A cut that took no comma with it took the only member: nothing follows what is inserted.
function onlyFallbacks({ fallbacksMember: member }: BodyFacts): boolean {
  return member !== null && member.cut.start === member.key.start && member.cut.end === member.value.end;
}
