// What language a text is in: by its script where one script stands for one language, else by its commonest words.

const SCRIPTS: readonly (readonly [code: string, script: RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['th', /\p{Script=Thai}/gu],
];

const WORDS: Readonly<Record<string, string>> = {
  en: 'the and of to in is that it for you was with on are this be have not as what can your which from they we how do please',
  de: 'der die das und ist nicht ein eine zu den von mit sich auf für im dem auch es ich sie wie wir werden bei oder wird was kann bitte',
  fr: 'le la les des et est un une que pour dans qui pas sur au plus avec ce il je nous vous sont mais ou comme être par cette du',
  es: 'el la los las de que y en un una es por con para no se su lo como más pero sus al me este cuando muy sin sobre qué',
  it: 'il lo la gli di che e è un una per non con sono si come del della nel anche più ma questo ha mi ci al alla sul cosa',
  pt: 'o a os as de que e do da em um uma para com não por mais como mas foi ao ele das tem seu sua ou ser quando muito você',
  nl: 'de het een en van is dat op te in voor niet met zijn aan er ook als bij maar om uit dan wordt heeft naar wat kan ik je',
  pl: 'i w nie na się z to jest do że o jak po co ale za od czy tak przez jego dla ma są być tego mnie już',
  sv: 'och att det i en som är på för av med den till inte har om ett men jag var kan från så vi du eller ska när',
  tr: 've bir bu da de için ile ne çok mı olarak daha gibi var ben sen o ama değil en kadar sonra nasıl mi',
  ru: 'и в не на что я с он как это по но все она так его к у за от же вы из мы для то бы еще был',
  uk: 'і в не на що я з він як це по але все вона так його до у за від та ви із ми для є або був їх',
};
const BY_WORD = new Map<string, string[]>();
for (const [code, words] of Object.entries(WORDS))
  for (const word of words.split(' ')) BY_WORD.set(word, [...(BY_WORD.get(word) ?? []), code]);

/** Fewer letters do not tell. */
const MIN_LETTERS = 12;
const MAX_CHARS = 4_096;

/** ISO 639-1 code; null when the text does not tell. */
export function languageOf(text: string): string | null {
  const plain = text.slice(0, MAX_CHARS);
  const letters = plain.match(/\p{L}/gu)?.length ?? 0;
  if (letters < MIN_LETTERS) return null;
  for (const [code, script] of SCRIPTS) {
    // Of Japanese the kana are a part only.
    const share = (plain.match(script)?.length ?? 0) / letters;
    if (share > (code === 'ja' ? 0.1 : 0.4)) return code;
  }
  const counts = new Map<string, number>();
  let words = 0;
  for (const word of plain.toLowerCase().match(/\p{L}+/gu) ?? []) {
    words++;
    for (const code of BY_WORD.get(word) ?? []) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const [best, second] = [...counts].sort((a, b) => b[1] - a[1]);
  if (best === undefined || best[1] < Math.max(2, words * 0.12)) return null;
  return second !== undefined && second[1] === best[1] ? null : best[0];
}
