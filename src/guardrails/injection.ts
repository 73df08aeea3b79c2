// Signs that a text tries to take over the model: heuristics, each with its weight. None is proof; together they add up.

const SIGNS: readonly (readonly [weight: number, sign: RegExp])[] = [
  [
    0.6,
    /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|earlier|all|any|your|the|system)\b.{0,30}\b(?:instruction|prompt|rule|direction|guideline|context|message|polic)/i,
  ],
  [0.6, /\b(?:ignorier|vergiss|missachte)\w*\b.{0,40}\b(?:anweisung|vorgabe|regel|prompt)/i],
  [0.6, /\b(?:ignor|oubli)\w*\b.{0,40}\b(?:instruction|consigne|règle)/i],
  [0.6, /\b(?:ignora|olvida)\w*\b.{0,40}\b(?:instruccion|regla|orden)/i],
  [
    0.5,
    /\b(?:reveal|print|show|repeat|output|leak|tell me|give me)\b.{0,30}\b(?:system|hidden|initial|secret|original|your)\b.{0,20}\b(?:prompt|instruction|message|rule)/i,
  ],
  [0.5, /\byou are (?:now )?(?:DAN\b|an? (?:unrestricted|unfiltered|jailbroken|uncensored))/i],
  [0.4, /\b(?:developer|debug|god|admin|jailbreak|DAN|sudo) mode\b.{0,30}\b(?:on|enabled|activated|now)?/i],
  [0.4, /\bdo anything now\b|\bwithout (?:any )?(?:restrictions|filters|limitations|censorship)\b/i],
  [
    0.4,
    /\b(?:pretend|act|behave|respond) (?:as if|like|that) you (?:have no|had no|are not bound|do not have)\b/i,
  ],
  [0.5, /<\|(?:im_start|im_end|system|endoftext|start_header_id)\|>|\[\/?INST\]|<<\/?SYS>>/],
  [0.4, /(?:^|\n)\s*#{0,3}\s*(?:new|updated|real|actual) (?:system )?instructions?\s*:/i],
  [0.4, /(?:^|\n)\s*(?:system|assistant)\s*:\s*\S/i],
  [0.3, /\bfrom now on\b.{0,40}\b(?:you (?:will|must|are)|respond|answer|act)\b/i],
  [
    0.3,
    /\b(?:important|urgent|attention)\b.{0,20}\b(?:AI|assistant|LLM|model|agent)\b.{0,60}\b(?:must|should|need to)\b/i,
  ],
  [
    0.4,
    /\b(?:send|forward|post|exfiltrate|upload)\b.{0,60}\b(?:conversation|credentials?|api keys?|secrets?|passwords?|chat history)\b.{0,40}(?:https?:|@|\bto\b)/i,
  ],
  [0.3, /!\[[^\]]{0,40}\]\(https?:\/\/[^)]{0,200}[?&][^)]{0,100}=/],
  [
    0.3,
    /\bbase64\b.{0,40}\b(?:decode|follow|execute)\b|\bdecode\b.{0,40}\bbase64\b.{0,40}\b(?:follow|execute|obey)\b/i,
  ],
  // Letters that nobody sees: tags (U+E0000), and runs of zero-width characters.
  [0.6, /[\u{E0020}-\u{E007F}]{4,}/u],
  [0.4, /[\u200b-\u200d\u2060\ufeff]{4,}/],
];

/** Longest part of a text that is looked at, from its beginning and its end. */
const MAX_CHARS = 32_768;

/** 0 to 1: how much speaks for an attempt. */
export function injectionScore(text: string): number {
  const plain = text.length <= 2 * MAX_CHARS ? text : text.slice(0, MAX_CHARS) + text.slice(-MAX_CHARS);
  let score = 0;
  for (const [weight, sign] of SIGNS) {
    if (sign.test(plain)) score += weight * (1 - score);
  }
  return score;
}
