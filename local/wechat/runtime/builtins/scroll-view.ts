import type { BuiltinDefinition, BuiltinElement } from './define.ts';

const DEFAULT_THRESHOLD_PX = 50;

const scrollBehavior = (self: BuiltinElement): ScrollBehavior =>
  self.get<boolean>('scrollWithAnimation') ? 'smooth' : 'auto';

const toPixels = (value: unknown): number => Number.parseFloat(String(value)) || 0;

const report = (self: BuiltinElement): void => {
  const { dom } = self;
  let top = dom.scrollTop;
  let left = dom.scrollLeft;
  dom.addEventListener('scroll', () => {
    const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight, clientWidth } = dom;
    self.fire('scroll', {
      scrollTop,
      scrollLeft,
      scrollHeight,
      scrollWidth,
      deltaX: left - scrollLeft,
      deltaY: top - scrollTop,
    });
    const lower = toPixels(self.get('lowerThreshold'));
    const upper = toPixels(self.get('upperThreshold'));
    const down = scrollTop > top && scrollHeight - scrollTop - clientHeight <= lower;
    const right = scrollLeft > left && scrollWidth - scrollLeft - clientWidth <= lower;
    if (down || right) self.fire('scrolltolower', { direction: down ? 'bottom' : 'right' });
    const up = scrollTop < top && scrollTop <= upper;
    const back = scrollLeft < left && scrollLeft <= upper;
    if (up || back) self.fire('scrolltoupper', { direction: up ? 'top' : 'left' });
    top = scrollTop;
    left = scrollLeft;
  });
};

export const scrollView: BuiltinDefinition = {
  tag: 'scroll-view',
  properties: {
    scrollX: Boolean,
    scrollY: Boolean,
    scrollTop: null,
    scrollLeft: null,
    scrollIntoView: String,
    scrollIntoViewOffset: Number,
    scrollWithAnimation: Boolean,
    scrollAnchoring: Boolean,
    upperThreshold: { type: null, value: DEFAULT_THRESHOLD_PX },
    lowerThreshold: { type: null, value: DEFAULT_THRESHOLD_PX },
    enableBackToTop: Boolean,
    enableFlex: Boolean,
    enhanced: Boolean,
    bounces: { type: Boolean, value: true },
    showScrollbar: { type: Boolean, value: true },
    pagingEnabled: Boolean,
    fastDeceleration: Boolean,
    usingSticky: Boolean,
    type: String,
  },
  reflected: ['scrollX', 'scrollY', 'enableFlex', 'showScrollbar'],
  observers: {
    scrollTop: (self) => {
      const top = self.get<unknown>('scrollTop');
      if (top !== null && top !== undefined)
        requestAnimationFrame(() =>
          self.dom.scrollTo({ top: toPixels(top), behavior: scrollBehavior(self) }),
        );
    },
    scrollLeft: (self) => {
      const left = self.get<unknown>('scrollLeft');
      if (left !== null && left !== undefined)
        requestAnimationFrame(() =>
          self.dom.scrollTo({ left: toPixels(left), behavior: scrollBehavior(self) }),
        );
    },
    scrollIntoView: (self) => {
      const id = self.get<string>('scrollIntoView');
      if (id === '') return;
      requestAnimationFrame(() => {
        const target = self.dom.querySelector(`#${CSS.escape(id)}`);
        if (target === null) return;
        const offset = self.get<number>('scrollIntoViewOffset');
        const box = self.dom.getBoundingClientRect();
        const place = target.getBoundingClientRect();
        self.dom.scrollBy({
          top: place.top - box.top + offset,
          left: self.get<boolean>('scrollX') ? place.left - box.left : 0,
          behavior: scrollBehavior(self),
        });
      });
    },
  },
  attached: report,
};
