import type { MemberExpression, Node } from 'acorn';
import { parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import { transformSync } from 'esbuild';

const nameOf = (node: MemberExpression): string | undefined => {
  if (!node.computed && node.property.type === 'Identifier') return node.property.name;
  return node.computed && node.property.type === 'Literal' ? String(node.property.value) : undefined;
};

const isWx = (node: Node): boolean => node.type === 'Identifier' && (node as { name?: string }).name === 'wx';

const isMember = (node: Node | undefined): node is MemberExpression => node?.type === 'MemberExpression';

/**
 * The members of `wx` that a TypeScript source names: `wx.showToast`, `wx.cloud.callFunction`, and
 * `const { showToast } = wx`. A `wx` that is handed on as a whole is not followed; the runtime
 * reports those when they are met.
 * @param known members that exist, nested ones as `cloud.init`: only of these namespaces are members looked at
 */
export const usedWxMembers = (source: string, known: ReadonlySet<string>): Set<string> => {
  const namespaces = new Set(
    [...known].filter((member) => member.includes('.')).map((member) => member.split('.')[0]),
  );
  const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'es2022' });
  const found = new Set<string>();
  ancestor(parse(code, { ecmaVersion: 2022, sourceType: 'module' }), {
    MemberExpression(node, _state, ancestors) {
      if (!isWx(node.object)) return;
      const name = nameOf(node);
      if (name === undefined) return;
      const outer = ancestors.at(-2);
      const inner =
        namespaces.has(name) && isMember(outer) && outer.object === node ? nameOf(outer) : undefined;
      found.add(inner === undefined ? name : `${name}.${inner}`);
    },
    VariableDeclarator(node) {
      if (node.init == null || !isWx(node.init) || node.id.type !== 'ObjectPattern') return;
      for (const property of node.id.properties)
        if (property.type === 'Property' && property.key.type === 'Identifier') found.add(property.key.name);
    },
  });
  return found;
};
