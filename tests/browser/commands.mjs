// The real programs, as `cargo build` made them, and what is done with them.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder of this suite. */
export const HERE = import.meta.dirname;
const TARGET = resolve(process.env.CARGO_TARGET_DIR ?? join(HERE, '../../target'), 'debug');

/** How long a program may take to say what it is waited for, in milliseconds. */
const PATIENCE = 40_000;

/** The path of a program of ours. */
export function program(name) {
  const path = join(TARGET, name);
  if (!existsSync(path)) throw new Error(`there is no ${path}: build it first, as tests/run does`);
  return path;
}

/** Runs a program to its end; gives what it printed. */
export async function output(path, ...args) {
  const { stdout } = await run(path, args, { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** A port of this machine that nobody has now. */
export async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Starts a program that stays up, and waits for a line with these words in it. Gives the line and the process. */
export async function start(path, args, words) {
  const child = spawn(path, args, { cwd: HERE, stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text) => { complaints = (complaints + text).slice(-20_000); });
  const said = new Promise((found, failed) => {
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => { if (line.includes(words)) found(line); });
    lines.on('close', () => failed(new Error(`${path} ended without saying "${words}":\n${complaints}`)));
    setTimeout(() => failed(new Error(`${path} does not say "${words}":\n${complaints}`)), PATIENCE).unref();
  });
  return { line: await said, child, complaints: () => complaints };
}
