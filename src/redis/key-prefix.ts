// Begins every key of one deployment, and is its hash tag, so that all keys of one script call share a slot.

/** @param prefix a `{tag}` in it is kept, else it is the tag. */
export function taggedPrefix(prefix: string): string {
  return /\{[^}]+\}/.test(prefix) ? prefix : `{${prefix}}`;
}
