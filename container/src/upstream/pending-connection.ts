import type { AsrConnection, AsrHandlers, AsrLog, AsrParams, ConnectAsr } from '../asr/types.ts';

/** A connection to the recogniser that may be made before a stream uses it: `open` or `failed` wait until then. */
export class PendingConnection {
  readonly connection: AsrConnection;
  private handlers: AsrHandlers | undefined;
  private early: ((handlers: AsrHandlers) => void) | undefined;

  /** @throws VoiceError no connection can be made with these parameters */
  constructor(connect: ConnectAsr, params: AsrParams, log: AsrLog) {
    this.connection = connect(
      params,
      {
        open: () => this.tell((handlers) => handlers.open()),
        sentence: (sentence) => this.handlers?.sentence(sentence),
        finished: () => this.handlers?.finished(),
        failed: (failure) => this.tell((handlers) => handlers.failed(failure)),
      },
      log,
    );
  }

  /** From now on it is used; what it said meanwhile is told now. */
  use(handlers: AsrHandlers): void {
    this.handlers = handlers;
    this.early?.(handlers);
  }

  private tell(event: (handlers: AsrHandlers) => void): void {
    if (this.handlers) event(this.handlers);
    else this.early = event;
  }
}
