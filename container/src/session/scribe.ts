import type { AudioBuffer } from '../upstream/audio-buffer.ts';
import type { Checkpoint, PlacedSentence } from '../upstream/types.ts';
import type { Attachment } from './attachment.ts';
import type { RecordWriter } from './record-writer.ts';
import type { Transcript } from './transcript.ts';

/** What the relay hears goes to the client at once, and to the writer when it is final. */
export class Scribe {
  private readonly transcript: Transcript;
  private readonly writer: RecordWriter;
  private readonly attachment: Attachment;
  private readonly buffer: AudioBuffer;

  constructor(parts: {
    transcript: Transcript;
    writer: RecordWriter;
    attachment: Attachment;
    buffer: AudioBuffer;
  }) {
    this.transcript = parts.transcript;
    this.writer = parts.writer;
    this.attachment = parts.attachment;
    this.buffer = parts.buffer;
  }

  interim(placed: PlacedSentence): void {
    const event = this.transcript.interim(placed);
    if (event) this.attachment.emit('result', event);
    this.note();
  }

  final(placed: PlacedSentence, checkpoint: Checkpoint): void {
    const made = this.transcript.final(placed);
    if (!made) {
      // it came to nothing: what was shown of it is taken back
      this.interim({ ...placed, text: '' });
      this.writer.checkpoint(checkpoint);
      return;
    }
    this.attachment.emit('result', made.event);
    this.note();
    this.writer.final(made.index, made.sentence, checkpoint);
  }

  /** Keeps the writer told of what its next write takes along. */
  note(): void {
    this.writer.note(this.buffer.endPos, this.transcript.open);
  }
}
