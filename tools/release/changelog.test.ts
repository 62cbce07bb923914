import { expect, test } from 'vitest';
import { sectionOf, versionOfTag } from './changelog.ts';

const CHANGELOG = `# 更新记录

## [Unreleased]

- 还没有发布

## [0.2.0] - 2026-12-01

### 新增

- 甲

### 修复

- 乙

## [0.1.10] - 2026-11-30

- 丙

## [0.1.1] - 2026-11-29

## [0.1.0]

- 丁
`;

test('a version has its own section and nothing of its neighbours', () => {
  expect(sectionOf(CHANGELOG, '0.2.0')).toBe('### 新增\n\n- 甲\n\n### 修复\n\n- 乙');
  expect(sectionOf(CHANGELOG, '0.1.10')).toBe('- 丙');
});

test.each([
  ['that is not there', '0.3.0', '[Unreleased]'],
  // neither the beginning of another version, nor a pattern
  ['of which another one begins', '0.1', '没有 0.1'],
  ['that is a pattern', '0.2.?', '没有 0.2.?'],
  ['without entries', '0.1.1', '没有内容'],
  ['without a date', '0.1.0', '标题应为'],
])('a version %s is refused', (_, version, mention) => {
  expect(() => sectionOf(CHANGELOG, version)).toThrow(mention);
});

test('a tag has to be the version of package.json', () => {
  expect(versionOfTag('v0.1.0', '0.1.0')).toBe('0.1.0');
  for (const tag of ['v0.1.1', '0.1.0', 'v0.1.0-rc.1', ''])
    expect(() => versionOfTag(tag, '0.1.0')).toThrow('标签应为 v0.1.0');
});
