/**
 * A row that shows one action when it is swiped to the left. Fires `act`. The finger is followed in the view (swipe.wxs); only how a
 * swipe ends comes here.
 */
Component({
  properties: {
    /** Text of the action. */
    label: { type: String, value: '' },
    /** The row stays where it is. */
    disabled: { type: Boolean, value: false },
  },
  data: { open: false },
  methods: {
    settled({ open }: { open: boolean }) {
      this.setData({ open });
    },
    act() {
      this.setData({ open: false });
      this.triggerEvent('act');
    },
  },
});
