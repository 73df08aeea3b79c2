// The members of a request body in their bytes.
import { inspectBody } from '../../../src/body/inspect.ts';
import { memberName, PER_MEMBER } from '../../../src/body/member-edits.ts';

/** Text of each top-level member's value as it is written, by name. */
export function memberTexts(body: Buffer): Record<string, string> {
  const { members } = inspectBody(body);
  const texts: Record<string, string> = {};
  for (let at = 0; at < members.length; at += PER_MEMBER) {
    texts[memberName(body, members, at / PER_MEMBER)] = body.toString(
      'utf8',
      members[at + 2]!,
      members[at + 3]!,
    );
  }
  return texts;
}
