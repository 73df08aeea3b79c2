// Claude takes at most four cache points. Of more, those that pay stay: the last one of the system prompt, the last one of
// the tools, and the last ones of the conversation. The lists of a finished body are changed in place.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { objectAt } from '../lenient.ts';
import type { Losses } from '../losses.ts';
import { isObject } from '../read.ts';

interface Point {
  list: Json[];
  block: JsonObject;
  path: string;
}

/** Takes out the points of `body` above `most` (null: as many as there are). */
export function limitCachePoints(body: JsonObject, most: number | null, losses: Losses): void {
  if (most === null) return;
  const tools = pointsIn(objectAt(body, 'toolConfig')?.['tools'], 'toolConfig.tools[]');
  const system = pointsIn(body['system'], 'system[]');
  const turns = (body['messages'] as JsonObject[]).flatMap((message) =>
    pointsIn(message['content'], 'messages[].content[]'),
  );
  const all = [...tools, ...system, ...turns];
  if (all.length <= most) return;
  const kept = new Set<Point>();
  for (const wanted of [system.at(-1), tools.at(-1), ...all.toReversed()]) {
    if (wanted !== undefined && kept.size < most) kept.add(wanted);
  }
  for (const point of all) {
    if (kept.has(point)) continue;
    point.list.splice(point.list.indexOf(point.block), 1);
    losses.drop(`${point.path}.cache_control`);
  }
}

function pointsIn(list: Json | undefined, path: string): Point[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter((block): block is JsonObject => isObject(block) && block['cachePoint'] !== undefined)
    .map((block) => ({ list, block, path }));
}
