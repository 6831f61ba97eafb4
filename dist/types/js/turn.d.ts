/** Lets the event loop do what waits. A message comes sooner than a timer, which browsers hold back. */
export declare function nextTurn(): Promise<any>;
