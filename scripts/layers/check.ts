// Holds a tree of sources against the house rules: down only, no circle of files or folders, one vendor in one place,
// process entries apart.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { findCycles, folderGraph } from './cycles.ts';
import { importsOf } from './imports.ts';
import { APART, LAYERS, RESERVED, VENDORS } from './rules.ts';

export interface LayerReport {
  files: number;
  /** One line each; empty when the tree holds to the rules. */
  problems: string[];
}

/** @param root folder that holds `src`, `workers`, `cluster` and `gatehouse`; tests (`*.test.ts`) may import what they like. */
export function checkLayers(root: string): LayerReport {
  const files = ['src', 'workers', 'cluster', 'gatehouse'].flatMap((folder) => sources(root, folder));
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  for (const file of files) {
    if (layerOf(file) === null)
      problems.push(`${file}: belongs to no layer; add its folder to scripts/layers/rules.ts`);
    const edges: string[] = [];
    for (const specifier of importsOf(file, readFileSync(join(root, file), 'utf8'))) {
      if (specifier.startsWith('.')) {
        const target = relative(root, resolve(root, dirname(file), specifier));
        edges.push(target);
        problems.push(...faultsOfEdge(file, target));
      } else problems.push(...faultsOfVendor(file, specifier));
    }
    graph.set(file, edges);
  }
  problems.push(...findCycles(graph).map((cycle) => `circle of files: ${cycle}`));
  problems.push(...findCycles(folderGraph(graph)).map((cycle) => `circle of folders: ${cycle}`));
  return { files: files.length, problems };
}

function sources(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file));
}

function layerOf(file: string): number | null {
  return LAYERS.find(([prefix]) => file.startsWith(prefix))?.[1] ?? null;
}

function faultsOfEdge(file: string, target: string): string[] {
  const faults: string[] = [];
  const layer = layerOf(file);
  const below = layerOf(target);
  if (layer !== null && below !== null && below > layer) faults.push(`${file}: imports upwards ${target}`);
  const [here, there] = [file, target].map((path) => path.split('/')[0]!) as [string, string];
  if (here !== there && APART.includes(here) && APART.includes(there))
    faults.push(`${file}: imports ${target}; they speak by contracts/ipc.ts only`);
  const reserved = RESERVED[target];
  if (reserved !== undefined && !reserved.by.some((owner) => file.startsWith(owner)))
    faults.push(`${file}: imports ${target}, kept for ${reserved.by.join(', ')}: ${reserved.because}`);
  return faults;
}

function faultsOfVendor(file: string, specifier: string): string[] {
  const owners = VENDORS[specifier] ?? VENDORS[specifier.split('/')[0]!];
  if (owners === undefined || owners.some((owner) => file.startsWith(owner))) return [];
  return [`${file}: imports ${specifier}, which belongs to ${owners.join(', ') || 'nobody'}`];
}
