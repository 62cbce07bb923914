/** What is compared: letters, digits and Chinese characters, without case. */
const lettersOf = (text: string): string[] =>
  [...text.toLowerCase()].filter((char) => /[\p{L}\p{N}]/u.test(char));

/** How alike two texts are, 0 to 1: one less the edit distance (Levenshtein) over the longer length. */
export function likeness(a: string, b: string): number {
  const from = lettersOf(a);
  const to = lettersOf(b);
  const longer = Math.max(from.length, to.length);
  if (longer === 0) return 1;
  let row = to.map((_, at) => at + 1);
  for (const [i, char] of from.entries()) {
    let left = i + 1;
    let diagonal = i;
    row = row.map((above, j) => {
      left = Math.min(above + 1, left + 1, diagonal + (char === to[j] ? 0 : 1));
      diagonal = above;
      return left;
    });
  }
  return 1 - (row.at(-1) ?? from.length) / longer;
}
