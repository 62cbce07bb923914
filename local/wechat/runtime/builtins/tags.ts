/** Tags with behaviour of their own, in `builtins/`. */
export const BUILTIN_TAGS: ReadonlySet<string> = new Set([
  'input',
  'textarea',
  'scroll-view',
  'image',
  'picker',
  'page-meta',
]);

/** Tags that are plain DOM elements, styled in base.css. */
const PLAIN_TAGS = ['view', 'text', 'button', 'label', 'canvas'];
/** Tags of the template language itself. */
const TEMPLATE_TAGS = ['block', 'template', 'import', 'include', 'wxs', 'slot'];

/** Every tag that a page may use here without a component behind it. */
export const KNOWN_TAGS: ReadonlySet<string> = new Set([...BUILTIN_TAGS, ...PLAIN_TAGS, ...TEMPLATE_TAGS]);
