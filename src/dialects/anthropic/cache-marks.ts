// Anthropic takes at most four cache marks. Of more, those that pay stay: the last one of the tools, the last one of the
// system prompt, and the last ones of the conversation. The blocks of a finished body are changed in place.
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { Losses } from '../losses.ts';
import { isObject } from '../read.ts';

interface Marked {
  block: JsonObject;
  path: string;
}

/** Takes off the marks of `body` above `most` (null: as many as there are). */
export function limitCacheMarks(body: JsonObject, most: number | null, losses: Losses): void {
  if (most === null) return;
  const tools = marked(body.tools, 'tools[]');
  const system = marked(body.system, 'system[]');
  const turns: Marked[] = [];
  for (const message of Array.isArray(body.messages) ? body.messages : []) {
    if (!isObject(message) || !Array.isArray(message.content)) continue;
    for (const block of message.content) {
      if (!isObject(block)) continue;
      // Blocks inside a tool's result lie before the mark of the result itself.
      turns.push(...marked(block.content, 'messages[].content[].content[]'));
      turns.push(...marked([block], 'messages[].content[]'));
    }
  }
  const all = [...tools, ...system, ...turns];
  if (all.length <= most) return;
  const kept = new Set<Marked>();
  for (const wanted of [system.at(-1), tools.at(-1), ...all.toReversed()]) {
    if (wanted !== undefined && kept.size < most) kept.add(wanted);
  }
  for (const mark of all) {
    if (kept.has(mark)) continue;
    delete mark.block.cache_control;
    losses.drop(`${mark.path}.cache_control`);
  }
}

function marked(blocks: Json | undefined, path: string): Marked[] {
  if (!Array.isArray(blocks)) return [];
  return blocks
    .filter((block): block is JsonObject => isObject(block) && block.cache_control !== undefined)
    .map((block) => ({ block, path }));
}
