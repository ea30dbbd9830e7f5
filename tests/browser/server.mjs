// A server of its own for the browser: the real program with the demo, on a database that goes when it does.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A port that is free now. The server names it in what it shows, so it cannot choose one itself. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the program, and waits until it listens. */
export async function start(program, ...flags) {
  const folder = await mkdtemp(join(tmpdir(), 'entente-browser-'));
  const listen = `127.0.0.1:${await freePort()}`;
  const database = join(folder, 'entente.db');
  const child = spawn(program, ['serve', '--listen', listen, '--database-url', database, ...flags], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const said = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (line.startsWith('Entente is listening on ')) {
      child.stderr.resume();
      return { url: `http://${listen}`, stop };
    }
  }
  await stop();
  throw new Error(`the server did not start: ${said.join('\n')}`);
}
