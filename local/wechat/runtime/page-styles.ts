/**
 * On a phone every page has a view of its own, so a page's style sheet never applies to another page. Here all pages
 * share one document: only the sheet of the page that is shown is attached.
 */
export class PageStyles {
  readonly #sheets = new Map<string, HTMLStyleElement>();

  add(route: string, css: string): void {
    const sheet = document.createElement('style');
    sheet.dataset.page = route;
    sheet.textContent = css;
    this.#sheets.set(route, sheet);
  }

  /** Attaches the page's sheet after all others, and detaches the previous page's. */
  use(route: string): void {
    for (const sheet of this.#sheets.values()) sheet.remove();
    const sheet = this.#sheets.get(route);
    if (sheet !== undefined) document.head.append(sheet);
  }
}
