// Personal data by its form, with the checks that its numbers carry: Luhn for cards (ISO/IEC 7812-1), modulus 97 for IBANs
// (ISO 13616). Names have no form: they are Presidio's (remote/presidio.ts).
import type { PiiEntity } from '../contracts/guardrail.ts';
import { type Detector, patternDetector } from './detector.ts';
import { Anchors } from './anchors.ts';
import { nationalNumbers } from './national-numbers.ts';

const email = (): Detector =>
  patternDetector({
    anchored: { anchors: new Anchors('@'), reach: 64 },
    label: 'EMAIL',
    literals: ['@'],
    pattern:
      /(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])/g,
    characters: /[A-Za-z0-9._%+@-]/,
  });

const phone = (digits: Anchors): Detector =>
  patternDetector({
    // `+` or `(`.
    anchored: { anchors: digits, reach: 1 },
    label: 'PHONE',
    literals: null,
    pattern:
      /(?<![\w+.-])(?:\+|00)[1-9]\d{0,2}(?:[ ./-]?\(0?\d{1,4}\))?(?:[ ./-]?\d){6,14}(?!\d)|(?<![\w+.-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d|-\d)|(?<![\w+.-])0\d{2,4}[ /-]\d{3,4}(?:[ -]?\d{2,4}){1,2}(?!\d)/g,
    characters: /[0-9+() ./-]/,
    valid: (text) => {
      const digits = text.replace(/\D/g, '').length;
      return digits >= 9 && digits <= 17;
    },
  });

const iban = (digits: Anchors): Detector =>
  patternDetector({
    anchored: { anchors: digits, reach: 2 },
    label: 'IBAN',
    literals: null,
    pattern: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])/g,
    characters: /[A-Z0-9 ]/,
    measure: ibanLength,
  });

const card = (digits: Anchors): Detector =>
  patternDetector({
    anchored: { anchors: digits, reach: 0 },
    label: 'CARD',
    literals: null,
    // In groups as they are printed, or in one row.
    pattern:
      /(?<![\w.-])(?:[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}|3[47]\d{2}([ -])\d{6}\2\d{5}|[2-6]\d{12,18})(?!\w)/g,
    characters: /[0-9 -]/,
    valid: (text) => isLuhn(text.replace(/[ -]/g, '')),
  });

const ip = (digits: Anchors): Detector[] => [
  patternDetector({
    label: 'IP',
    literals: null,
    anchored: { anchors: digits, reach: 0 },
    pattern: /(?<![\w.:])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|[.:]\w)/g,
    characters: /[0-9A-Fa-f.:]/,
  }),
  patternDetector({
    label: 'IP',
    literals: [':'],
    anchored: { anchors: new Anchors(':'), reach: 4 },
    pattern:
      /(?<![\w.:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?!\w|[.:]\w)|(?<![\w.:])(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}(?!\w|[.:]\w)/g,
    characters: /[0-9A-Fa-f.:]/,
  }),
];

const MAKERS: Readonly<Record<PiiEntity, (digits: Anchors) => Detector[]>> = {
  email: () => [email()],
  phone: (digits) => [phone(digits)],
  iban: (digits) => [iban(digits)],
  card: (digits) => [card(digits)],
  national_id: nationalNumbers,
  ip,
};

/** Detectors of the entities, in an order in which the more particular comes first. */
export function piiDetectors(entities: readonly PiiEntity[]): Detector[] {
  const order: readonly PiiEntity[] = ['email', 'iban', 'card', 'national_id', 'ip', 'phone'];
  // One pass for all that is made of digits.
  const digits = new Anchors('0123456789');
  return order.filter((entity) => entities.includes(entity)).flatMap((entity) => MAKERS[entity](digits));
}

/** @param digits nothing else. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 === 0;
}

/** Lengths by country (SWIFT's registry); a country that is not there is taken by its check digits. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AT: 20,
  BE: 16,
  CH: 21,
  CZ: 24,
  DE: 22,
  DK: 18,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GR: 27,
  IE: 22,
  IT: 27,
  LU: 20,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  SE: 24,
};

/** How much of a text in the form of an IBAN is one: words in capitals and numbers may follow. */
function ibanLength(text: string): number {
  const wanted = IBAN_LENGTHS[text.slice(0, 2)];
  if (wanted === undefined) return isIban(text) ? text.length : 0;
  let plain = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== ' ' && ++plain === wanted)
      return (text[at + 1] ?? ' ') === ' ' && isIban(text.slice(0, at + 1)) ? at + 1 : 0;
  }
  return 0;
}

/** Whether the check digits of an IBAN are right; blanks do not count. */
export function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  const length = IBAN_LENGTHS[plain.slice(0, 2)];
  if (plain.length < 15 || plain.length > 34 || (length !== undefined && length !== plain.length))
    return false;
  let rest = 0;
  const turned = plain.slice(4) + plain.slice(0, 4);
  for (let i = 0; i < turned.length; i++) {
    const unit = turned.charCodeAt(i);
    rest = unit <= 57 ? (rest * 10 + unit - 48) % 97 : (rest * 100 + unit - 55) % 97;
  }
  return rest === 1;
}
