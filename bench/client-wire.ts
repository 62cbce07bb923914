/** What both clients are measured on: a server that costs next to nothing and counts what it is sent. */
export class Wire {
  texts = 0;
  binaries = 0;
  /** Frames to the client. */
  deliver: (frame: string | ArrayBuffer) => void = () => {};
  /** Whether events ask for an answer. */
  answers = false;
  private waiting = 0;
  /** Both clients count from 0; a wrong number would be an answer that nobody waits for. */
  private nextId = 0;

  send(frame: unknown): void {
    if (typeof frame !== 'string') {
      this.binaries++;
      return;
    }
    this.texts++;
    if (frame === '40') queueMicrotask(() => this.deliver('40{"sid":"bench"}'));
    if (this.answers) this.waiting++;
  }

  /** Greets as Engine.IO does; pings would come after an hour. */
  open(): void {
    this.deliver(
      '0{"sid":"bench","upgrades":[],"pingInterval":3600000,"pingTimeout":3600000,"maxPayload":1000000}',
    );
  }

  /** Answers every event that waits for it. */
  acknowledge(): void {
    for (; this.waiting > 0; this.waiting--) this.deliver(`43${this.nextId++}[{"ok":true}]`);
  }
}

/** The wire as the browser's WebSocket, for the official client. */
export class WireWebSocket {
  static wire: Wire;
  binaryType = '';
  onopen: () => void = () => {};
  onclose: () => void = () => {};
  onmessage: (event: { data: unknown }) => void = () => {};
  onerror: () => void = () => {};

  constructor() {
    const { wire } = WireWebSocket;
    wire.deliver = (data) => this.onmessage({ data });
    queueMicrotask(() => {
      this.onopen();
      wire.open();
    });
  }

  send(frame: unknown): void {
    WireWebSocket.wire.send(frame);
  }

  close(): void {}
}

/** The wire as WeChat's SocketTask, for ours. */
export const wireTask = (wire: Wire) => ({
  onMessage(fn: (message: { data: unknown }) => void): void {
    wire.deliver = (data) => fn({ data });
    queueMicrotask(() => wire.open());
  },
  onClose(): void {},
  onError(): void {},
  send({ data, success }: { data: unknown; success?: () => void }): void {
    wire.send(data);
    success?.();
  },
  close(): void {},
});
