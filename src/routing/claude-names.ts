// Claude Code lists a gateway's models when it is told to, and shows those alone whose names begin as Anthropic's do. Others are
// published to it under a name that does, and are found by it.
import type { ListedModel } from '../contracts/snapshot.ts';

const PREFIX = 'claude-hg-';
const OWN = /^(?:claude|anthropic)/;
const CLAUDE_CODE = /^claude-(?:cli|code)\//;

/** Whether a program that calls itself so reads no other names. */
export function readsClaudeNames(userAgent: string | undefined): boolean {
  return userAgent !== undefined && CLAUDE_CODE.test(userAgent);
}

/** The list as such a program reads it. */
export function inClaudeNames(models: readonly ListedModel[]): readonly ListedModel[] {
  return models.map((model) => (OWN.test(model.id) ? model : { ...model, id: `${PREFIX}${model.id}` }));
}

/** The name behind one that was made here; null for any other. */
export function behindClaudeName(name: string): string | null {
  return name.startsWith(PREFIX) && name.length > PREFIX.length ? name.slice(PREFIX.length) : null;
}
