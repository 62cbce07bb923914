interface Piece {
  /** Sample of the connection's audio at which the piece begins. */
  at: number;
  /** The session position that was sent there. */
  pos: number;
  samples: number;
  /** Silence that we injected: it takes no session time. */
  injected: boolean;
}

/**
 * Converts one connection's audio time to positions of the session: a connection begins at some position, and the silence
 * that was injected to keep it alive takes no session time.
 */
export class TimeMap {
  private pieces: Piece[] = [];
  private sent = 0;
  private readonly rateHz: number;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  /** Samples sent so far, injected ones included. */
  get sentSamples(): number {
    return this.sent;
  }

  audio(pos: number, samples: number): void {
    this.add(pos, samples, false);
  }

  /** Silence after session position `pos`. */
  silence(pos: number, samples: number): void {
    this.add(pos, samples, true);
  }

  /** Session position of `ms` of the connection's audio. Times beyond what was sent belong to its end. */
  posAt(ms: number): number {
    const at = Math.round((ms * this.rateHz) / 1000);
    let low = 0;
    let high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.pieces[middle] as Piece).at <= at) low = middle;
      else high = middle - 1;
    }
    const piece = this.pieces[low];
    if (!piece) return 0;
    return piece.injected ? piece.pos : piece.pos + Math.min(Math.max(0, at - piece.at), piece.samples);
  }

  private add(pos: number, samples: number, injected: boolean): void {
    const last = this.pieces.at(-1);
    const continues = last && last.injected === injected && last.pos + (injected ? 0 : last.samples) === pos;
    if (continues) last.samples += samples;
    else this.pieces.push({ at: this.sent, pos, samples, injected });
    this.sent += samples;
  }
}
