import { expect, test } from 'vitest';
import { anchorsOf, blocksOf, listItemsOf, sectionsOf, tablesOf, targetsOf } from './markdown.ts';

const PAGE = `before

# First \`code\`
text
<!-- run by: a.test.ts -->
\`\`\`bash
# no heading
echo 1
\`\`\`
- one
  1. two
   \`\`\`js
   indented();
     more();
   \`\`\`
| a | b |
|---|---|
| \`x\\|y\` | 2 |

| c |
## Second（二）, again!
\`\`\`
no language
`;

test('headings make sections; what stands in a fence is none of them', () => {
  const sections = sectionsOf(PAGE);
  expect(sections.map(({ level, title, line }) => [level, title, line])).toEqual([
    [0, '', 1],
    [1, 'First `code`', 3],
    [2, 'Second（二）, again!', 21],
  ]);
  expect(sections[1]?.lines).not.toContain('# no heading');
});

test('a block has its language, its text without indentation, its line and the comment before it', () => {
  expect(blocksOf(PAGE)).toEqual([
    { language: 'bash', text: '# no heading\necho 1\n', line: 6, comment: 'run by: a.test.ts' },
    { language: 'js', text: 'indented();\n  more();\n', line: 12, comment: undefined },
    { language: '', text: 'no language\n\n', line: 22, comment: undefined },
  ]);
});

test('tables by rows and columns, and list items', () => {
  const [, first] = sectionsOf(PAGE);
  expect(tablesOf(first?.lines ?? [])).toEqual([
    { rows: 3, columns: 3 },
    { rows: 1, columns: 2 },
  ]);
  expect(listItemsOf(first?.lines ?? [])).toBe(2);
});

test('links and images, not those in code', () => {
  const lines = [
    '[a](x.md#y) ![b](z.svg) `[c](no.md)` [d](https://e.f/ "title")',
    '<img src="i.png"> [![g](h)](j)',
  ];
  expect(targetsOf(lines)).toEqual(['x.md#y', 'z.svg', 'https://e.f/', 'i.png', 'h', 'j']);
});

test('anchors as GitHub makes them', () => {
  const anchors = anchorsOf(
    '# on / once / off\n## 1. `.env`：填写\n## Same\n## Same\n## [a](b) *c*\n<a id="own"></a>',
  );
  expect([...anchors]).toEqual(['on--once--off', '1-env填写', 'same', 'same-1', 'a-c', 'own']);
});
