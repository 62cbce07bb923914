import { endSwipe, moveSwipe, startSwipe } from './swipe.ts';

interface TouchEvent {
  touches: { clientX: number; clientY: number }[];
}

/** A row that shows one action when it is swiped to the left. Fires `act`. */
Component({
  properties: {
    /** Text of the action. */
    label: { type: String, value: '' },
  },
  data: { swipe: startSwipe(0, 0, 0), moving: false },
  methods: {
    onStart({ touches }: TouchEvent) {
      const touch = touches[0];
      if (touch) this.setOffset(touch.clientX, touch.clientY, this.data.swipe.offset);
    },
    onMove({ touches }: TouchEvent) {
      const touch = touches[0];
      if (!touch) return;
      const before = this.data.swipe;
      const swipe = moveSwipe(before, touch.clientX, touch.clientY);
      if (swipe.offset !== before.offset || swipe.direction !== before.direction) {
        this.setData({ swipe, moving: swipe.direction === 'horizontal' });
      }
    },
    onEnd() {
      this.setOffset(0, 0, endSwipe(this.data.swipe));
    },
    act() {
      this.setOffset(0, 0, 0);
      this.triggerEvent('act');
    },
    setOffset(x: number, y: number, offset: number) {
      this.setData({ swipe: startSwipe(x, y, offset), moving: false });
    },
  },
});
