/** What all clients are measured on: a server that costs next to nothing and counts what it is sent. */
export class Wire {
  texts = 0;
  binaries = 0;
  /** Frames to the client. */
  deliver: (frame: string | ArrayBuffer) => void = () => {};
  /** Answers to events, made before the measurement: all clients count from 0. */
  private answers: string[] = [];
  private prepared = 0;

  send(frame: unknown): void {
    if (typeof frame !== 'string') {
      this.binaries++;
      return;
    }
    this.texts++;
    if (frame === '40') queueMicrotask(() => this.deliver('40{"sid":"bench"}'));
  }

  /** Greets as Engine.IO does; pings would come after an hour. */
  open(): void {
    this.deliver(
      '0{"sid":"bench","upgrades":[],"pingInterval":3600000,"pingTimeout":3600000,"maxPayload":1000000}',
    );
  }

  /** Makes the answers to the next events. */
  prepare(events: number): void {
    this.answers = Array.from({ length: events }, () => `43${this.prepared++}[{"ok":true}]`);
    // A text that was put together from parts is made into one by its first reader; not by the client, then.
    for (const answer of this.answers) answer.charCodeAt(0);
    this.answers.reverse();
  }

  /** Answers as many events. */
  acknowledge(events: number): void {
    for (let i = 0; i < events; i++) this.deliver(this.answers.pop() as string);
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

/** The wire as WeChat's SocketTask, for ours and for weapp.socket.io. */
export const wireTask = (wire: Wire) => ({
  onOpen(fn: (event: object) => void): void {
    queueMicrotask(() => fn({ header: {} }));
  },
  onMessage(fn: (message: { data: unknown }) => void): void {
    wire.deliver = (data) => fn({ data });
    setImmediate(() => wire.open());
  },
  onClose(): void {},
  onError(): void {},
  send({ data, success }: { data: unknown; success?: () => void }): void {
    wire.send(data);
    success?.();
  },
  close(): void {},
});
