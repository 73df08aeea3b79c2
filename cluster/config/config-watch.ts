// Notices that the configuration file, or a secret it refers to, changed. It asks the file system twice a second instead
// of using fs.watch: editors replace the file, Kubernetes swaps a symlink two folders up, network mounts tell nothing; a
// stat through the path sees all of them.
import { stat } from 'node:fs/promises';

const EVERY_MS = 500;

export interface ConfigWatch {
  close(): void;
}

/**
 * Calls back when one of the files is another or changed, once all of them have been the same for two looks: secrets
 * that belong together are read together.
 * @param paths the files, asked for at each look; one that is new there has not changed by that
 */
export function watchConfig(
  paths: () => readonly string[],
  onChange: () => void,
  everyMs = EVERY_MS,
): ConfigWatch {
  let known = new Map<string, string>();
  let changed = false;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;

  async function look(): Promise<void> {
    const seen = new Map<string, string>();
    for (const path of paths()) seen.set(path, await fingerprint(path));
    if (closed) return;
    // A file that is being written is looked at again before anybody reads it.
    const calm = [...seen].every(([path, print]) => (known.get(path) ?? print) === print);
    known = seen;
    if (!calm) changed = true;
    else if (changed) {
      changed = false;
      onChange();
    }
    timer = setTimeout(tick, everyMs);
  }

  function tick(): void {
    void look();
  }

  tick();
  return {
    close(): void {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** A file that is missing has a fingerprint too: its loss is a change, which loading then reports. */
async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
