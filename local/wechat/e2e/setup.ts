import { findChromium } from '../../../tools/chromium.ts';

/** Finds (or installs) the browser once for all files; the last lines of the run say so when there is none. */
export default function setup(): () => void {
  const { file, found } = findChromium();
  console.log(file === undefined ? '' : found);
  return () => {
    if (file === undefined) console.warn(`\n注意：端到端测试没有运行。${found}\n`);
  };
}
