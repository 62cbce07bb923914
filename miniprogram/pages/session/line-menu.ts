/** What can be done with one sentence, in the order of the menu. */
export interface LineAction {
  label: string;
  run: () => void;
}

/** The functions of `wx` that the menu uses. */
export interface LineMenuApi {
  showActionSheet(option: { alertText: string; itemList: string[] }): Promise<{ tapIndex: number }>;
}

/** Asks what to do with a sentence, and does it; nothing where the user closes the menu. @param heading says which sentence */
export async function openLineMenu(
  heading: string,
  actions: readonly LineAction[],
  api: LineMenuApi = wx,
): Promise<void> {
  let chosen: number;
  try {
    const itemList = actions.map(({ label }) => label);
    chosen = (await api.showActionSheet({ alertText: heading, itemList })).tapIndex;
  } catch {
    return;
  }
  actions[chosen]?.run();
}
