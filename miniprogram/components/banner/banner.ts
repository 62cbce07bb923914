/** A message with a hint and at most one button; fires `act`. Screen readers read it out when it changes. */
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
