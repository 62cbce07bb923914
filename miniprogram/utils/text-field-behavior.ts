/**
 * What components with one text field share: they show what their `view` says, fire `type` with what is typed, and `close`. The field's
 * text is apart from the view: sent along with it, an older text would overwrite what is typed meanwhile.
 */
export const textField = Behavior({
  properties: {
    view: { type: Object, value: {} },
    text: { type: String, value: '' },
  },
  methods: {
    type({ detail }: { detail: { value: string } }) {
      this.triggerEvent('type', { value: detail.value });
    },
    close() {
      this.triggerEvent('close');
    },
  },
});
