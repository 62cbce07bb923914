/** A line that the client shows. */
export interface ShownLine {
  index: number;
  text: string;
  final: boolean;
}

/** One recording of the client that is looked at. */
export interface ClientUnderTest {
  /** Connects and starts; what it settles with is not looked at. */
  start(): Promise<void>;
  /** Audio of the recorder, PCM 16 bit, mono, 16 kHz, any number of samples. */
  push(pcm: Uint8Array): void;
  /** No more audio. Settles when all of it was recognised and stored. */
  stop(): Promise<{ sentences: number; durationMs: number }>;
  cancel(): Promise<void>;
  lines(): readonly ShownLine[];
  /** Codes of the errors that the user was told, in order. */
  errors(): readonly string[];
  /** `failed`: it has given up, and says so. */
  state(): 'working' | 'ended' | 'failed';
  /** Releases everything, whatever is going on. */
  dispose(): void;
}

export interface ClientOptions {
  /** Of the server, `http://127.0.0.1:…`. */
  url: string;
  /** Fetches a ticket; each time a new one. */
  fetchTicket(): Promise<string>;
  /** Most audio to keep, ms, where the client can be told; undefined: as it is by itself. */
  ringMs: number | undefined;
}

/** A kind of client. */
export interface ClientAdapter {
  readonly name: string;
  readonly transport: 'socketio' | 'native';
  createClient(options: ClientOptions): ClientUnderTest;
}
