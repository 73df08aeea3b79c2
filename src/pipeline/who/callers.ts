// Everybody who may call: keys of the file and keys that were issued, as one directory.
import type { Directory } from '../../contracts/directory.ts';
import type { KeyDirectory } from './directory.ts';
import type { IssuedKeys } from './issued-keys.ts';

export function createCallers(file: KeyDirectory, issued: IssuedKeys): Directory {
  return {
    get size() {
      // Who is not known yet is somebody: nobody is taken for the only one meanwhile.
      return file.size + issued.size + (issued.whole ? 0 : 1);
    },
    // A key that was issued and met costs one look-up, and no digest for the file's first.
    find: (credential) => issued.met(credential) ?? file.find(credential) ?? issued.find(credential),
    secretOf: (accessKeyId) => file.secretOf(accessKeyId),
    named: (name) => file.named(name) ?? issued.named(name),
    knowsAll: () => issued.whole,
  };
}
