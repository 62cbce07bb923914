import { type Format, lossText } from './format.ts';

/**
 * Everything as it is stored, as one JSON document over all parts. `pieces` are in time order; losses are also in
 * `session.losses`.
 */
export const json: Format = {
  mimeType: 'application/json; charset=utf-8',
  head: (session) => `{"session":${JSON.stringify(session)},"pieces":[`,
  piece: (piece, number) => {
    const value = 'sentence' in piece ? piece.sentence : { loss: piece.loss, text: lossText(piece.loss) };
    return `${number > 1 ? ',' : ''}\n${JSON.stringify(value)}`;
  },
  foot: () => '\n]}\n',
};
