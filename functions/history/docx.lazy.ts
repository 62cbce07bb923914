import { Document, HeadingLevel, Packer, Paragraph, type ParagraphChild, TextRun } from 'docx';

/** What a document shows. */
export interface DocumentContent {
  title: string;
  /** When it was recorded, and how long it is. */
  about: string;
  paragraphs: readonly {
    /** Of its beginning in the audio. */
    time: string;
    lines: readonly string[];
    /** Stands for audio that is missing. */
    loss: boolean;
  }[];
}

/** In half points. */
const TEXT_SIZE = 24;
const SMALL_SIZE = 18;
const FAINT = '808080';
const LOSS = '9C5700';
const FONT = { ascii: 'Calibri', hAnsi: 'Calibri', cs: 'Calibri', eastAsia: 'Microsoft YaHei' };
/** Twentieths of a point. */
const PARAGRAPH_SPACE = { after: 160, line: 360 };

/**
 * The document as the bytes of a DOCX file.
 *
 * A file of its own (`*.lazy.ts`), loaded when the first document is asked for: its library would make every cold start of the
 * function slower.
 */
export async function makeDocx({ title, about, paragraphs }: DocumentContent): Promise<Uint8Array> {
  const document = new Document({
    title,
    creator: '',
    styles: {
      default: { document: { run: { font: FONT, size: TEXT_SIZE, language: { eastAsia: 'zh-CN' } } } },
    },
    sections: [
      {
        children: [
          new Paragraph({ heading: HeadingLevel.HEADING_1, children: [new TextRun(title)] }),
          new Paragraph({
            spacing: PARAGRAPH_SPACE,
            children: [new TextRun({ text: about, size: SMALL_SIZE, color: FAINT })],
          }),
          ...paragraphs.map(
            (paragraph) => new Paragraph({ spacing: PARAGRAPH_SPACE, children: runsOf(paragraph) }),
          ),
        ],
      },
    ],
  });
  return Packer.toBuffer(document);
}

function runsOf({ time, lines, loss }: DocumentContent['paragraphs'][number]): ParagraphChild[] {
  return [
    new TextRun({ text: `${time}  `, size: SMALL_SIZE, color: FAINT }),
    ...lines.map(
      (text, at) => new TextRun({ text, ...(at > 0 && { break: 1 }), ...(loss && { color: LOSS }) }),
    ),
  ];
}
