/** What has happened, what to do about it, and at most one button. Read out by screen readers when it changes. */
Component({
  properties: {
    tone: { type: String, value: 'warn' },
    title: { type: String, value: '' },
    hint: { type: String, value: '' },
    /** Text of the button; empty: none. */
    label: { type: String, value: '' },
  },
  methods: {
    act() {
      this.triggerEvent('act');
    },
  },
});
