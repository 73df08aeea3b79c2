// Numbers that states give to people, each with the check its form carries. Those without any check, or with one that a tenth
// of all numbers pass, are taken only in the form they are usually written in.
import type { Anchors } from './anchors.ts';
import { type Detector, patternDetector } from './detector.ts';

const digitsOf = (text: string): number[] => [...text.replace(/\D/g, '')].map(Number);
const weighed = (digits: readonly number[], weights: readonly number[]): number =>
  weights.reduce((sum, weight, i) => sum + weight * digits[i]!, 0);

/** United States: Social Security Number. */
const ssn = /(?<![\w-])(?!000|666|9\d\d)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?!\w|-\d)/g;
/** United Kingdom: National Insurance number. */
const nino =
  /(?<![A-Za-z0-9])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])/g;
/** Spain: DNI and NIE. */
const dni = /(?<![A-Za-z0-9])[XYZ\d]\d{7}-?[A-Z](?![A-Za-z0-9])/g;
/** Italy: codice fiscale. */
const fiscal = /(?<![A-Za-z0-9])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![A-Za-z0-9])/g;
/** France: NIR with its key. */
const nir = /(?<![\w-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d{2} ?\d{3} ?\d{3} ?\d{2}(?!\w|-\d)/g;
/** Germany: Steuer-Identifikationsnummer; Poland: PESEL. */
const eleven = /(?<![\w.-])\d{2} ?\d{3} ?\d{3} ?\d{3}(?!\w|[.-]\d)/g;
/** Brazil: CPF. */
const cpf = /(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w|-\d)/g;
/** India: Aadhaar. */
const aadhaar = /(?<![\w-])[2-9]\d{3} \d{4} \d{4}(?!\w|-\d)/g;

export function nationalNumbers(anchors: Anchors): Detector[] {
  const made = (
    reach: number,
    pattern: RegExp,
    characters: RegExp,
    valid?: (text: string) => boolean,
  ): Detector =>
    patternDetector({
      label: 'NATIONAL_ID',
      literals: null,
      anchored: { anchors, reach },
      pattern: new RegExp(pattern),
      characters,
      ...(valid && { valid }),
    });
  return [
    made(0, ssn, /[0-9 -]/),
    made(3, nino, /[A-Z0-9 ]/),
    made(1, dni, /[A-Z0-9-]/, isDni),
    made(6, fiscal, /[A-Z0-9]/, isFiscalCode),
    made(0, nir, /[0-9 -]/, isNir),
    made(0, eleven, /[0-9 .-]/, (text) => isTaxId(digitsOf(text)) || isPesel(digitsOf(text))),
    made(0, cpf, /[0-9.-]/, (text) => isCpf(digitsOf(text))),
    made(0, aadhaar, /[0-9 -]/, (text) => isVerhoeff(digitsOf(text))),
  ];
}

/** Letter = number modulo 23; X, Y and Z in front stand for 0, 1 and 2. */
export function isDni(text: string): boolean {
  const plain = text.replace('-', '');
  const number = Number(plain.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter))));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23] === plain.at(-1);
}

const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** The last letter is the sum of values by place, modulo 26 (Decreto 23/12/1976). */
export function isFiscalCode(text: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const unit = text.charCodeAt(i);
    const value = unit <= 57 ? unit - 48 : unit - 65;
    sum += i % 2 === 0 ? ODD[value]! : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === text[15];
}

/** Key = 97 minus the number modulo 97. */
export function isNir(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  return 97 - Number(BigInt(plain.slice(0, 13)) % 97n) === Number(plain.slice(13));
}

/** ISO 7064 MOD 11,10; of the first ten digits one stands twice or three times, never all are different. */
export function isTaxId(digits: readonly number[]): boolean {
  if (digits.length !== 11 || digits[0] === 0) return false;
  const kinds = new Set(digits.slice(0, 10)).size;
  if (kinds !== 9 && kinds !== 8) return false;
  let product = 10;
  for (let i = 0; i < 10; i++) {
    const sum = (digits[i]! + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === digits[10];
}

/** Weights 1 3 7 9; the month says the century, so that it is 1 to 12 plus a multiple of 20. */
export function isPesel(digits: readonly number[]): boolean {
  if (digits.length !== 11) return false;
  const month = (digits[2]! * 10 + digits[3]!) % 20;
  const day = digits[4]! * 10 + digits[5]!;
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  return (10 - (weighed(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === digits[10];
}

/** Two check digits, modulus 11. */
export function isCpf(digits: readonly number[]): boolean {
  if (new Set(digits).size === 1) return false;
  const check = (count: number): number => {
    const weights = Array.from({ length: count }, (_, i) => count + 1 - i);
    return ((weighed(digits, weights) * 10) % 11) % 10;
  };
  return check(9) === digits[9] && check(10) === digits[10];
}

/** The dihedral group D5 and its permutation (Verhoeff 1969). */
export function isVerhoeff(digits: readonly number[]): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits[digits.length - 1 - i]!;
    for (let turn = 0; turn < i % 8; turn++) digit = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][digit]!;
    sum = times(sum, digit);
  }
  return sum === 0;
}

function times(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b - 5) % 5);
  return b < 5 ? 5 + ((a - 5 - b + 5) % 5) : (a - b + 5) % 5;
}
