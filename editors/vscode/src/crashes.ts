/** Decides whether a server that stopped by itself is started again. */
export class Crashes {
  private times: number[] = [];

  /** Notes a crash. False after too many in a short time: a server that always stops would go on forever. */
  mayRestart(now: number): boolean {
    this.times = [...this.times.filter((time) => now - time < Crashes.period), now];
    return this.times.length <= Crashes.restarts;
  }

  forget(): void {
    this.times = [];
  }

  static readonly restarts = 4;
  static readonly period = 3 * 60 * 1000; // milliseconds
}
