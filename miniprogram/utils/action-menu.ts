/** Something that can be chosen from a menu. */
export interface MenuAction {
  label: string;
  run: () => void;
}

/** The functions of `wx` that the menu uses. */
export interface MenuApi {
  showActionSheet(option: { alertText?: string; itemList: string[] }): Promise<{ tapIndex: number }>;
}

/** Asks what to do, and does it; nothing where the user closes the menu. @param heading what it is about; empty: none */
export async function openMenu(
  heading: string,
  actions: readonly MenuAction[],
  api: MenuApi = wx,
): Promise<void> {
  const itemList = actions.map(({ label }) => label);
  let chosen: number;
  try {
    const option = heading === '' ? { itemList } : { itemList, alertText: heading };
    chosen = (await api.showActionSheet(option)).tapIndex;
  } catch {
    return;
  }
  actions[chosen]?.run();
}
