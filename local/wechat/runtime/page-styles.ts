/**
 * On a phone every page has a view of its own, so a page's style sheet never meets another page. Here all pages share
 * one document and one at a time is seen: only the sheet of that one is in force.
 */
export class PageStyles {
  readonly #sheets = new Map<string, HTMLStyleElement>();

  add(route: string, css: string): void {
    const sheet = document.createElement('style');
    sheet.dataset.page = route;
    sheet.textContent = css;
    this.#sheets.set(route, sheet);
  }

  /** Puts the page's sheet after all others, and takes away the one that was there. */
  use(route: string): void {
    for (const sheet of this.#sheets.values()) sheet.remove();
    const sheet = this.#sheets.get(route);
    if (sheet !== undefined) document.head.append(sheet);
  }
}
