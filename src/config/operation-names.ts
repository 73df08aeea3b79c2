// Names of operations in a configuration.
import { nearest } from '../names/nearest.ts';
import { operations as served } from '../registry/operations.ts';
import type { BuildContext } from './build-context.ts';
import type { Path } from './path.ts';

/** Reports those that are none. @param path of the list. */
export function checkOperations(
  names: readonly string[] | undefined,
  path: Path,
  context: BuildContext,
): void {
  for (const [index, operation] of (names ?? []).entries()) {
    if (Object.hasOwn(served, operation)) continue;
    const near = nearest(operation, Object.keys(served));
    const hint = near === null ? '' : `; did you mean \`${near}\`?`;
    context.report([...path, index], `no operation of this gateway${hint}`);
  }
}
