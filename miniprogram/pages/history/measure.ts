import type { Measured } from './window.ts';

/** What the query gives of an element; null: it is not there. */
type Rect = { top: number; height: number } | null;

/**
 * Measures a page's list in the view: a row of each kind, and where the list begins.
 * @param kinds of rows that are in the view; a row of a kind has the class `k-<kind>`
 */
export function measureList(
  page: WechatMiniprogram.Page.TrivialInstance,
  kinds: ReadonlySet<string>,
  done: (measured: Measured) => void,
): void {
  const names = [...kinds];
  const query = wx.createSelectorQuery().in(page);
  for (const selector of ['.page', '.list', ...names.map((kind) => `.k-${kind}`)])
    query.select(selector).boundingClientRect();
  query.selectViewport().boundingClientRect();
  query.exec((results: Rect[]) => {
    const [root, list, ...rows] = results;
    const viewport = rows.pop();
    // Nothing has a height while the page is hidden.
    if (!root || !list || !viewport || viewport.height === 0) return;
    const heights = new Map(names.map((kind, at) => [kind, rows[at]?.height ?? 0]));
    done({ heights, listTopPx: list.top - root.top, viewportPx: viewport.height });
  });
}
