// Finding the server's program. Nothing here knows VS Code, so that it can be tested by itself.
import { constants, promises as fs } from 'node:fs';
import path from 'node:path';

/** Where to look. */
export interface Places {
  /** The setting layerwise.path. */
  readonly setting: string;
  /** The folder of this extension. */
  readonly extension: string;
  /** The environment variable PATH. */
  readonly path: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Folders that nothing may be started from: those of a workspace that is not trusted. */
  readonly untrusted: readonly string[];
}

/** A program that can be started, or why there is none. */
export type Found = { readonly program: string } | { readonly problem: string };

/**
 * Finds the server: what the setting names, else what came with this extension, else what is on the
 * PATH. A setting that leads nowhere is a mistake to tell, not to pass over.
 */
export async function findServer(places: Places): Promise<Found> {
  const name = places.platform === 'win32' ? 'layerwise.exe' : 'layerwise';
  if (places.setting !== '') {
    return fromSetting(places);
  }
  const bundled = path.join(places.extension, 'server', name);
  if (await makeExecutable(bundled)) {
    return { program: bundled };
  }
  for (const folder of places.path.split(path.delimiter)) {
    // A relative folder would be looked for below the working directory, which may be anyone's.
    const program = path.join(folder, name);
    if (path.isAbsolute(folder) && (await isProgram(program)) && !(await isBelow(program, places.untrusted))) {
      return { program };
    }
  }
  return {
    problem: 'the program layerwise is not on the PATH, and did not come with this extension. Install it, or set layerwise.path.',
  };
}

async function fromSetting(places: Places): Promise<Found> {
  const program = places.setting.replace(/^~(?=[\\/])/, places.home);
  if (!path.isAbsolute(program)) {
    return { problem: `the setting layerwise.path must be an absolute path, not ${places.setting}.` };
  }
  if (!(await isProgram(program))) {
    return { problem: `the setting layerwise.path names ${places.setting}, which is no program.` };
  }
  if (await isBelow(program, places.untrusted)) {
    return { problem: `${places.setting} lies in this workspace, which is not trusted.` };
  }
  return { program };
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await fs.access(file, constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}

/** A package that was made on Windows has lost the bit that says that a file is a program. */
async function makeExecutable(file: string): Promise<boolean> {
  if (await isProgram(file)) {
    return true;
  }
  try {
    await fs.chmod(file, 0o755);
  } catch {
    return false; // not there, or not ours
  }
  return isProgram(file);
}

async function isBelow(file: string, folders: readonly string[]): Promise<boolean> {
  const real = await fs.realpath(file);
  for (const folder of folders) {
    for (const candidate of [file, real]) {
      const relative = path.relative(await fs.realpath(folder).catch(() => folder), candidate);
      const plain = path.relative(folder, candidate);
      if ([relative, plain].some((r) => r !== '..' && !r.startsWith('..' + path.sep) && !path.isAbsolute(r))) {
        return true;
      }
    }
  }
  return false;
}
