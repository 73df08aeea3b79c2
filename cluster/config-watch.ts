// Notices that the configuration file changed. It asks the file system twice a second instead of using fs.watch:
// editors replace the file, Kubernetes swaps a symlink two folders up, network mounts tell nothing; a stat through the
// path sees all of them.
import { stat } from 'node:fs/promises';

const EVERY_MS = 500;

export interface ConfigWatch {
  close(): void;
}

/** Calls back when the file behind `path` is another or changed, once it has been the same for two looks. */
export function watchConfig(path: string, onChange: () => void, everyMs = EVERY_MS): ConfigWatch {
  let known: string | null = null;
  let changed = false;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;

  async function look(): Promise<void> {
    const seen = await fingerprint(path);
    if (closed) return;
    if (known === null) known = seen;
    else if (seen !== known) {
      // A file that is being written is looked at again before anybody reads it.
      known = seen;
      changed = true;
    } else if (changed) {
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
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
