import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Width of the action, as in swipe.wxs. */
const ACTION_PX = 88;

interface Part {
  style: Record<string, string>;
  classes: Set<string>;
}
type Handler = (event: object, owner: object) => unknown;
interface Module {
  start: Handler;
  move: Handler;
  end: Handler;
  openChanged(open: boolean, before: boolean | undefined, owner: object): void;
}

const source = fs.readFileSync(fileURLToPath(new URL('./swipe.wxs', import.meta.url)), 'utf8');

/** The module in a view of its own: what WXS writes there, and what it tells the component. */
function rig() {
  const module = { exports: {} as Module };
  new Function('module', source)(module);
  const swipe = module.exports;
  const parts = new Map<string, Part>();
  const told: object[] = [];
  const state = {};
  const part = (selector: string): Part => {
    const found = parts.get(selector) ?? { style: {}, classes: new Set<string>() };
    parts.set(selector, found);
    return found;
  };
  const owner = {
    getState: () => state,
    callMethod: (name: string, args: object) => told.push({ name, ...args }),
    selectComponent: (selector: string) => ({
      setStyle: (style: Record<string, string>) => Object.assign(part(selector).style, style),
      addClass: (name: string) => part(selector).classes.add(name),
      removeClass: (name: string) => part(selector).classes.delete(name),
    }),
  };
  const event = (x: number, y: number, disabled: boolean) => ({
    touches: [{ clientX: x, clientY: y }],
    currentTarget: { dataset: { disabled } },
  });
  /** A finger goes along these points and is lifted at the last. @returns what the movements answered */
  const swipeAlong = (points: [number, number][], disabled = false): unknown[] => {
    const [first, ...others] = points as [[number, number], ...[number, number][]];
    swipe.start(event(...first, disabled), owner);
    const answers = others.map(([x, y]) => swipe.move(event(x, y, disabled), owner));
    swipe.end({ touches: [] }, owner);
    return answers;
  };
  return {
    told,
    swipeAlong,
    close: () => swipe.openChanged(false, true, owner),
    transform: () => part('.swipe-body').style.transform,
    isActionShown: () => part('.swipe-action').classes.has('swipe-shown'),
  };
}

test('a clear move to the left opens, as far as the action is wide and no further, and tells it once', () => {
  const row = rig();
  row.swipeAlong([
    [300, 100],
    [290, 101],
    [250, 102],
    [100, 102],
  ]);
  expect(row.transform()).toBe(`translateX(${-ACTION_PX}px)`);
  expect(row.isActionShown()).toBe(true);
  expect(row.told).toEqual([{ name: 'settled', open: true }]);
});

test('a small move springs back, and nothing is told', () => {
  const row = rig();
  row.swipeAlong([
    [300, 100],
    [280, 100],
  ]);
  expect(row.transform()).toBe('translateX(0px)');
  expect(row.isActionShown()).toBe(false);
  expect(row.told).toEqual([]);
});

test('scrolling the page never moves the row, even if the finger drifts later; a swipe never scrolls the page', () => {
  const row = rig();
  expect(
    row.swipeAlong([
      [300, 100],
      [298, 120],
      [150, 200],
    ]),
  ).toEqual([undefined, undefined]);
  expect(row.transform()).toBeUndefined();
  expect(
    row.swipeAlong([
      [300, 100],
      [280, 101],
    ]),
  ).toEqual([false]);
});

test('an open row closes by a move to the right, or when the component closes it', () => {
  const row = rig();
  const open: [number, number][] = [
    [300, 100],
    [200, 100],
  ];
  row.swipeAlong(open);
  row.swipeAlong([
    [100, 100],
    [115, 100],
  ]);
  expect(row.transform()).toBe(`translateX(${-ACTION_PX}px)`);
  row.swipeAlong([
    [100, 100],
    [160, 100],
  ]);
  expect(row.transform()).toBe('translateX(0px)');
  expect(row.told).toEqual([
    { name: 'settled', open: true },
    { name: 'settled', open: false },
  ]);
  row.swipeAlong(open);
  row.close();
  expect(row.transform()).toBe('translateX(0px)');
  expect(row.isActionShown()).toBe(false);
});

test('a row that is switched off stays where it is', () => {
  const row = rig();
  row.swipeAlong(
    [
      [300, 100],
      [100, 100],
    ],
    true,
  );
  expect(row.transform()).toBeUndefined();
  expect(row.told).toEqual([]);
});
