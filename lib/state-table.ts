/**
 * A state machine's table, read as rows of events and columns of states. A cell is the state to enter, or a word that the
 * machine gives a meaning to (`none`: the event has no effect in that state, or cannot happen).
 */
export interface StateTable<State extends string, Event extends string, Cell extends string> {
  readonly states: readonly State[];
  readonly events: readonly Event[];
  next(state: State, event: Event): Cell;
}

/** @param rows one cell for each of `states`, in their order */
export const stateTable = <State extends string, Event extends string, Cell extends string>(
  states: readonly State[],
  rows: Readonly<Record<Event, readonly Cell[]>>,
): StateTable<State, Event, Cell> => ({
  states,
  events: Object.keys(rows) as Event[],
  next: (state, event) => rows[event][states.indexOf(state)] as Cell,
});
