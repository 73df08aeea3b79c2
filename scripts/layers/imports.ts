// What a source file imports, read from its syntax tree: comments and strings are never taken for imports, nor imports
// for comments.
import { parseSync, Visitor } from 'oxc-parser';

/**
 * Specifiers of a TypeScript source, in order of kind: static and type imports, re-exports, `import('x')` as a value
 * or as a type.
 * @throws Error when the source does not parse.
 */
export function importsOf(file: string, source: string): string[] {
  const { errors, module, program } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const found = module.staticImports.map((entry) => entry.moduleRequest.value);
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest != null) found.push(moduleRequest.value);
  }
  new Visitor({
    ImportExpression({ source: specifier }) {
      if (specifier.type === 'Literal' && typeof specifier.value === 'string') found.push(specifier.value);
    },
    TSImportType({ source: specifier }) {
      found.push(specifier.value);
    },
  }).visit(program);
  return [...new Set(found)];
}
