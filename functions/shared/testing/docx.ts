import { strFromU8, unzipSync } from 'fflate';

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"' };

/** Text of each paragraph of a DOCX file in Base64. @throws Error where it lacks what a DOCX file must have */
export function docxParagraphs(base64: string): string[] {
  const files = unzipSync(new Uint8Array(Buffer.from(base64, 'base64')));
  const document = files['word/document.xml'];
  if (!files['[Content_Types].xml'] || !document) throw new Error('not a DOCX file');
  return Array.from(strFromU8(document).matchAll(/<w:p>.*?<\/w:p>/gs), ([paragraph]) =>
    Array.from(paragraph.matchAll(/<w:br\/>|<w:t(?: [^>]*)?>([^<]*)<\/w:t>/g), ([, text]) => text ?? '\n')
      .join('')
      .replace(/&(lt|gt|amp|quot);/g, (entity) => ENTITIES[entity] ?? entity),
  );
}
