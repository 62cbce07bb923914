import { VoiceError } from '../../contract/errors.ts';
import type { HistoryAnswers, SessionSummary } from '../../contract/functions.ts';
import { joinSentences, paragraphsOf } from '../../contract/paragraphs.ts';
import type { SessionRecord } from '../../contract/records.ts';
import { wellFormed } from '../../contract/text.ts';
import type { CallContext } from '../shared/define.ts';
import type { DocumentContent } from './docx.lazy.ts';
import {
  aboutOf,
  clockText,
  type ExportItem,
  fileNameOf,
  insertsOf,
  linesOf,
  textOf,
  timesOf,
} from './formats.ts';
import { sentenceBatches, viewOf } from './sentences.ts';
import { summaryOf } from './sessions.ts';

const MIME_TYPE = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
/** Of text, UTF-16 units: about a day of speech. More takes the function too long and too much memory. */
const MAX_CHARS = 300_000;
/** Of the file. In Base64 it grows by a third, and a call may carry 6 MB (SCF quota, synchronous calls). */
const MAX_BYTES = 1_000_000;
/** Sentences read at a time. */
const READ_SENTENCES = 500;

/**
 * The session as a DOCX file, whole: parts of a ZIP archive cannot be joined by whoever fetches them, and a ZIP library in the
 * mini-program would take a large part of its package.
 * @throws VoiceError TOO_LARGE
 */
export async function exportDocx(
  session: SessionRecord,
  call: CallContext,
): Promise<HistoryAnswers['export']> {
  const summary = summaryOf(session);
  const items = await itemsOf(session, summary, call);
  const { makeDocx } = await import('./docx.lazy.ts');
  const bytes = await makeDocx(contentOf(summary, items));
  if (bytes.length > MAX_BYTES) throw tooLarge();
  return {
    content: Buffer.from(bytes).toString('base64'),
    encoding: 'base64',
    filename: fileNameOf(summary, 'docx'),
    mimeType: MIME_TYPE,
    cursor: null,
  };
}

const tooLarge = (): VoiceError => new VoiceError('TOO_LARGE', { detail: 'docx' });

/** Sentences, losses and marks in the order of the audio. */
async function itemsOf(
  session: SessionRecord,
  summary: SessionSummary,
  call: CallContext,
): Promise<ExportItem[]> {
  const items = insertsOf(summary).map(([, item]) => item);
  let chars = 0;
  for await (const batch of sentenceBatches(session, 0, READ_SENTENCES, call)) {
    for (const stored of batch) {
      const { words: _, ...sentence } = viewOf(stored);
      chars += sentence.text.length;
      items.push({ sentence });
    }
    if (chars > MAX_CHARS) throw tooLarge();
  }
  return items.sort((a, b) => timesOf(a).startMs - timesOf(b).startMs);
}

function contentOf(summary: SessionSummary, items: readonly ExportItem[]): DocumentContent {
  const groups = paragraphsOf(items, (item) => ('sentence' in item ? item.sentence : null));
  return {
    title: inXml(linesOf(summary.title).join(' ')) || '语音记录',
    about: aboutOf(summary),
    paragraphs: groups.flatMap((group) => {
      const [first] = group;
      const lines = linesOf(inXml(joinSentences(group.map(textOf))));
      if (!first || lines.length === 0) return [];
      return [{ time: clockText(timesOf(first).startMs), lines, loss: 'loss' in first }];
    }),
  };
}

/** Characters that XML 1.0 has no form for ("Char"). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const inXml = (text: string): string => wellFormed(text).replace(NOT_IN_XML, '');
