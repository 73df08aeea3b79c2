// Where an answer tells its usage, by dialect, and what it cost written there: `usage.cost` in USD, as OpenRouter has it. All other
// bytes stay as they came.
import { MemberReader } from '../../body/member-reader.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';

/** Members that lead to the usage: of a whole answer, and of the events of a stream that tell all of it. */
interface Places {
  readonly whole: readonly string[];
  readonly event: readonly string[];
}

const USAGE: Places = { whole: ['usage'], event: ['usage'] };
const PLACES: Readonly<Record<DialectName, Places | null>> = {
  'openai-chat': USAGE,
  'openai-responses': { whole: ['usage'], event: ['response', 'usage'] },
  // `message_start` tells some under `message`: that is the beginning of it alone.
  anthropic: USAGE,
  gemini: { whole: ['usageMetadata'], event: ['usageMetadata'] },
  cohere: { whole: ['usage'], event: ['delta', 'usage'] },
  // Its streams are binary frames with sums of their bytes: their client is told by whole answers alone.
  bedrock: USAGE,
  'bedrock-invoke': USAGE,
};
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Worth reading: it names a usage somewhere. */
export const namesUsage = (bytes: Buffer): boolean => bytes.includes('"usage');

/**
 * The JSON with what it cost in its usage; null where it tells none.
 * @param cost USD, as a JSON number
 */
export function withCost(
  json: Buffer,
  dialect: DialectName,
  kind: keyof Places,
  cost: string,
): Buffer | null {
  const places = PLACES[dialect];
  if (places === null) return null;
  const found = usageIn(json, places[kind]);
  if (found === null) return null;
  return Buffer.concat([
    json.subarray(0, found.start),
    Buffer.from(found.behind === '' ? cost : `"cost":${cost}${found.behind}`),
    json.subarray(found.end),
  ]);
}

/** Bytes to replace, and what stands behind the new member; '' = they are the value of one that is there. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly behind: string;
}

function usageIn(json: Buffer, path: readonly string[]): Place | null {
  let place: Place | null = null;
  try {
    const reader = new MemberReader(json);
    const walk = (depth: number, rest: readonly string[]): void => {
      const [name, ...more] = rest;
      reader.members(depth, (key) => {
        if (name === undefined) {
          const { start, end } = reader.value(depth);
          if (key === 'cost') place = { start, end, behind: '' };
        } else if (key !== name) reader.value(depth);
        else {
          if (more.length === 0 && json[reader.at] === OPEN) place = insertion(json, reader.at);
          walk(depth + 1, more);
        }
      });
    };
    walk(1, path);
  } catch {
    // What is no JSON is handed on as it is.
    return null;
  }
  return place;
}

function insertion(json: Buffer, at: number): Place {
  let next = at + 1;
  while (json[next]! <= 0x20) next++;
  return { start: at + 1, end: at + 1, behind: json[next] === CLOSE ? ' ' : ',' };
}
