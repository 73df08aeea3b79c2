// Models as AWS names them in full.

/** Whole names of what everybody has. */
const EVERYBODYS = /^arn:aws[\w-]*:bedrock:[^/]*:(?:foundation-model|inference-profile)\//;

/** A model's id, of its id or of its whole name; a whole name of what is one account's own stays as it is. */
export function modelOfArn(name: string): string {
  return name.replace(EVERYBODYS, '');
}
