import { type MemberExpression, parse } from 'acorn';
import { simple } from 'acorn-walk';

/**
 * Functions of the standard library, by the object that has them, that scripts on the phone must not use. The minimum base
 * library 2.23.0 runs on iOS 10 and Android engines of that time; it brings a core-js whose version WeChat does not state
 * (developers.weixin.qq.com, "JavaScript 支持情况"), so nothing above ES2018 is relied on. `miniprogram/tsconfig.json` says the
 * same by `lib`; this list is for scripts without types, and for tests that run the app without these functions.
 */
export const NEWER_APIS: Readonly<Record<string, readonly string[]>> = {
  Object: ['fromEntries', 'hasOwn', 'groupBy'],
  Map: ['groupBy'],
  Promise: ['allSettled', 'any', 'withResolvers', 'try'],
  'Array.prototype': [
    'flat',
    'flatMap',
    'at',
    'findLast',
    'findLastIndex',
    'toReversed',
    'toSorted',
    'toSpliced',
    'with',
  ],
  'Uint8Array.prototype.__proto__': ['at', 'findLast', 'findLastIndex', 'toReversed', 'toSorted', 'with'],
  'String.prototype': [
    'trimStart',
    'trimEnd',
    'matchAll',
    'replaceAll',
    'at',
    'isWellFormed',
    'toWellFormed',
  ],
};

const isStatic = (owner: string): boolean => !owner.includes('.');
const METHODS = new Set(
  Object.entries(NEWER_APIS).flatMap(([owner, names]) => (isStatic(owner) ? [] : names)),
);

/** `Object.hasOwn`, or `.at` where the owner is not a name of the list. */
function newerApiOf({ object, property, computed }: MemberExpression): string | undefined {
  if (computed || property.type !== 'Identifier') return undefined;
  const owner = object.type === 'Identifier' ? object.name : '';
  if (isStatic(owner) && NEWER_APIS[owner]?.includes(property.name)) return `${owner}.${property.name}`;
  return METHODS.has(property.name) ? `.${property.name}` : undefined;
}

/**
 * Calls of a script to what {@link NEWER_APIS} lists, as `Object.hasOwn` or `.at`; a function that is only asked for
 * (`if (list.at)`) is none. Told by name, so a method of one's own must not have such a name.
 */
export function newerApisIn(code: string): string[] {
  const found: string[] = [];
  simple(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), {
    CallExpression({ callee }) {
      const name = callee.type === 'MemberExpression' ? newerApiOf(callee) : undefined;
      if (name !== undefined) found.push(name);
    },
  });
  return found;
}
