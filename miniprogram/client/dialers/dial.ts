/** What the client uses of WeChat's `SocketTask`. It has no `off*`: each listener is registered once. */
export interface SocketTask {
  onMessage(fn: (message: { data: unknown }) => void): void;
  onClose(fn: (event: { code?: number; reason?: string }) => void): void;
  onError(fn: (event: { errMsg?: string }) => void): void;
  send(option: {
    data: string | ArrayBuffer;
    success?: (() => void) | undefined;
    fail?: ((event: { errMsg?: string }) => void) | undefined;
  }): void;
  close(option: { code?: number; reason?: string }): void;
}

export interface DialRequest {
  /** The container service's name; dialers that know an address ignore it. */
  service: string;
  /** Path and query, with `EIO=4&transport=websocket`. */
  path: string;
  header: Record<string, string>;
  /** CloudBase environment, only where one was given. */
  env?: string | undefined;
}

/**
 * Opens one socket, which need not be open yet, and calls `opened` with it in the turn in which the runtime hands it out: on iOS
 * 15 and below `then` runs in a later task, and the server's first frame may come before it.
 */
export type CallbackDial = (
  request: DialRequest,
  opened: (task: SocketTask) => void,
  failed: (error: unknown) => void,
) => void;

/** A {@link CallbackDial}; or, where promises settle in microtasks, it may return the socket or a promise of it. Throws or rejects where it cannot be opened. */
export type Dial = (
  ...args: Parameters<CallbackDial>
  // biome-ignore lint/suspicious/noConfusingVoidType: what a CallbackDial returns
) => SocketTask | Promise<SocketTask> | void;

export function closeTask(task: SocketTask): void {
  try {
    task.close({ code: 1000 });
  } catch (_) {
    // Already closed.
  }
}
