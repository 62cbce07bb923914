interface InputEvent {
  detail: { value: string };
}
interface RowEvent {
  currentTarget: { dataset: { index: number } };
}

/**
 * The sheet that replaces a text in many sentences. Fires `type`, `preview`, `toggle` with a sentence's index, `run`, `undo` and `close`;
 * shows what its `view` says (`ReplaceView` of the page).
 */
Component({
  properties: {
    view: { type: Object, value: {} },
    /** Of the field. Apart from the view: sent along with it, an older text would overwrite what is typed meanwhile. */
    text: { type: String, value: '' },
    rows: { type: Array, value: [] },
    max: { type: Number, value: 50 },
  },
  methods: {
    type({ detail }: InputEvent) {
      this.triggerEvent('type', { value: detail.value });
    },
    preview() {
      this.triggerEvent('preview');
    },
    toggle({ currentTarget }: RowEvent) {
      this.triggerEvent('toggle', { index: currentTarget.dataset.index });
    },
    run() {
      this.triggerEvent('run');
    },
    undo() {
      this.triggerEvent('undo');
    },
    close() {
      this.triggerEvent('close');
    },
  },
});
