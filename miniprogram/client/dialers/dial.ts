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

/** Opens one socket, which need not be open yet when it is returned. Rejects or throws where it cannot be opened. */
export type Dial = (request: DialRequest) => SocketTask | Promise<SocketTask>;

export function closeTask(task: SocketTask): void {
  try {
    task.close({ code: 1000 });
  } catch (_) {
    // Already closed.
  }
}
