/** What a phone tells a connection. */
export interface PlatformEvents {
  /** The app is in front again. */
  show(): void;
  /** The app went to the background, where sockets are closed after a few seconds. */
  hide(): void;
  network(connected: boolean): void;
}

/** Where those events come from. @returns a function that ends the watch */
export type Platform = (events: PlatformEvents) => () => void;

type Hook = (fn: (event: { isConnected: boolean }) => void) => void;
declare const wx: Record<string, Hook | undefined> | undefined;

/** `wx.onAppShow`, `onAppHide` and `onNetworkStatusChange`, as far as the runtime has them. */
export const wxPlatform: Platform = (events) => {
  if (typeof wx === 'undefined') return () => undefined;
  const hooks: Record<string, Parameters<Hook>[0]> = {
    AppShow: () => events.show(),
    AppHide: () => events.hide(),
    NetworkStatusChange: ({ isConnected }) => events.network(isConnected),
  };
  const call = (verb: string): void =>
    Object.keys(hooks).forEach((name) => {
      const hook = wx[verb + name];
      if (hook) hook(hooks[name] as Parameters<Hook>[0]);
    });
  call('on');
  return () => call('off');
};
