// Addresses in a request for a vendor that takes bytes alone: which there are, and the bytes in their place.
import type { ChatRequest, Part } from '../contracts/chat.ts';
import type { MediaByUrl, WantedMedia } from '../contracts/media.ts';

/** Google reads these itself: its own file store, and films that nobody else hands out. */
const GOOGLE_OWN =
  /^https?:\/\/(?:generativelanguage\.googleapis\.com|(?:[\w-]+\.)*youtube\.com|youtu\.be)\//i;

/**
 * Puts what was fetched in place of its address.
 *
 * @param media null = nothing was fetched yet.
 * @returns what is still an address, each once.
 */
export function inlineMedia(request: ChatRequest, media: MediaByUrl | undefined): WantedMedia[] {
  const wanted = new Map<string, WantedMedia>();
  let inlined = false;
  for (const turn of request.turns) {
    if (!turn.parts.some(mayHoldAddress)) continue;
    turn.parts = turn.parts.map((part) => inline(part));
  }
  if (inlined) request.adapted = [...(request.adapted ?? []), 'messages[].content[].url'];
  return [...wanted.values()];

  function inline(part: Part): Part {
    if (part.kind === 'tool_result' && part.content.some(mayHoldAddress))
      return { ...part, content: part.content.map(inline) };
    if (part.kind !== 'image' && part.kind !== 'document' && part.kind !== 'video') return part;
    if (part.source.kind !== 'url' || !/^https?:/i.test(part.source.url)) return part;
    const { url } = part.source;
    if (GOOGLE_OWN.test(url)) return part;
    const found = media?.[url];
    if (found === undefined) {
      wanted.set(url, { url, kind: part.kind });
      return part;
    }
    inlined = true;
    return { ...part, source: { kind: 'base64', ...found } };
  }
}

function mayHoldAddress({ kind }: Part): boolean {
  return kind === 'image' || kind === 'document' || kind === 'video' || kind === 'tool_result';
}
