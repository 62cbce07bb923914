/** Events of the phone that matter to a connection. */
export interface PlatformEvents {
  /** The app is in the foreground again. */
  show(): void;
  /** The app went to the background, where sockets are closed after a few seconds. */
  hide(): void;
  network(event: { isConnected: boolean }): void;
}

/** Source of those events. @returns a function that stops listening */
export type Platform = (events: PlatformEvents) => () => void;

type Hooks = { [name: string]: (listener: unknown) => void };
declare const wx: Hooks | undefined;

/** `wx.onAppShow`, `onAppHide` and `onNetworkStatusChange`, as far as the runtime has them. */
export const wxPlatform: Platform = ({ show, hide, network }) => {
  const call = (name: string, listener: unknown): void => {
    const hook = typeof wx === 'object' && wx[name];
    if (hook) hook(listener);
  };
  const each = (verb: string): void => {
    call(`${verb}AppShow`, show);
    call(`${verb}AppHide`, hide);
    call(`${verb}NetworkStatusChange`, network);
  };
  each('on');
  return () => each('off');
};
