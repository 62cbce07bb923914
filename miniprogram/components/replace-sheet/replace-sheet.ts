import { textField } from '../../utils/text-field-behavior.ts';

interface RowEvent {
  currentTarget: { dataset: { index: number } };
}

/**
 * The sheet that replaces a text in many sentences. Fires `type`, `preview`, `toggle` with a sentence's index, `run`, `undo` and `close`;
 * shows what its `view` says (`ReplaceView` of the page).
 */
Component({
  behaviors: [textField],
  properties: {
    rows: { type: Array, value: [] },
    max: { type: Number, value: 50 },
  },
  methods: {
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
  },
});
