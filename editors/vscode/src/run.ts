import { execFile } from 'node:child_process';

const timeout = 30_000; // milliseconds
const maxOutput = 16 << 20; // bytes

/** Runs the program to its end and returns what it prints; an error has what it says is wrong. */
export function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { cwd, timeout, maxBuffer: maxOutput, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
      } else if (error.killed === true) {
        reject(new Error(`${program} took too long and was stopped`));
      } else {
        reject(new Error(stderr.trim().replace(/^layerwise: /, '') || error.message));
      }
    });
  });
}
