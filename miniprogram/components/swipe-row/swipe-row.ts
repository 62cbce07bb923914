import { swipeEnd, swipeFrom, swipeTo } from './swipe.ts';

interface TouchEvent {
  touches: { clientX: number; clientY: number }[];
}

/** A row that uncovers one action when it is moved to the left. Fires `act`. */
Component({
  properties: {
    /** Text of the action. */
    label: { type: String, value: '' },
  },
  data: { swipe: swipeFrom(0, 0, 0), moving: false },
  methods: {
    onStart({ touches }: TouchEvent) {
      const touch = touches[0];
      if (touch) this.rest(touch.clientX, touch.clientY, this.data.swipe.offset);
    },
    onMove({ touches }: TouchEvent) {
      const touch = touches[0];
      if (!touch) return;
      const before = this.data.swipe;
      const swipe = swipeTo(before, touch.clientX, touch.clientY);
      if (swipe.offset !== before.offset || swipe.direction !== before.direction) {
        this.setData({ swipe, moving: swipe.direction === 'sideways' });
      }
    },
    onEnd() {
      this.rest(0, 0, swipeEnd(this.data.swipe));
    },
    act() {
      this.rest(0, 0, 0);
      this.triggerEvent('act');
    },
    rest(x: number, y: number, offset: number) {
      this.setData({ swipe: swipeFrom(x, y, offset), moving: false });
    },
  },
});
