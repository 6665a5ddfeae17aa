/** How often a server that stops by itself is started again: one that always stops would go on forever. */
export const maxRestarts = 4;

const period = 3 * 60 * 1000; // milliseconds

/** Counts how often the server stopped by itself of late. */
export class Crashes {
  private times: number[] = [];

  /** Notes a crash, and returns how many there were in the last minutes, with this one. */
  add(now: number): number {
    this.times = [...this.times.filter((time) => now - time < period), now];
    return this.times.length;
  }

  forget(): void {
    this.times = [];
  }
}
