import type { AudioBuffer } from '../upstream/audio-buffer.ts';
import type { Anchor, PlacedSentence } from '../upstream/types.ts';
import type { Journal } from './record-writer.ts';
import type { Seat } from './seat.ts';
import type { Transcript } from './transcript.ts';

/** What the relay hears goes to the client at once, and to the journal when it is final. */
export class Scribe {
  private readonly transcript: Transcript;
  private readonly journal: Journal;
  private readonly seat: Seat;
  private readonly buffer: AudioBuffer;

  constructor(parts: { transcript: Transcript; journal: Journal; seat: Seat; buffer: AudioBuffer }) {
    this.transcript = parts.transcript;
    this.journal = parts.journal;
    this.seat = parts.seat;
    this.buffer = parts.buffer;
  }

  interim(placed: PlacedSentence): void {
    const event = this.transcript.interim(placed);
    if (event) this.seat.emit('result', event);
    this.note();
  }

  final(placed: PlacedSentence, anchor: Anchor): void {
    const made = this.transcript.final(placed);
    if (!made) {
      // it came to nothing: what was shown of it is taken back
      this.interim({ ...placed, text: '' });
      this.journal.anchor(anchor);
      return;
    }
    this.seat.emit('result', made.event);
    this.note();
    this.journal.final(made.index, made.sentence, anchor);
  }

  /** Keeps the journal told of what its next write takes along. */
  note(): void {
    this.journal.note(this.buffer.endPos, this.transcript.open);
  }
}
