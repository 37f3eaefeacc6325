// kill -9, again and again, at a server with a folder that serves eight players and a saver; after each the next one begins in the same folder at
// the same port, and everything that was ever answered must be there. `node kill.js [kills] [seed]`.
//
// The seed decides what is asked and when a server dies; which of two datagrams is first, and where in its work the server is, is the machine's.
import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numbersGiven } from '../given.js'
import { dice } from '../bench/report.js'
import { Failure } from './notes.js'
import { PlainLine, PlainPlayer } from './plain.js'
import { bound, freePort, identityAt } from './ports.js'
import { Saver } from './saver.js'
import { SealedPlayer } from './sealed.js'
import { Torture, type Cast, type Folders } from './torture.js'
import { square } from './world.js'
import type { Identity } from '../../core/index.js'

const [kills, seed] = numbersGiven('kill -9, again and again, at a server that must lose nothing.', ['kills', 1000], ['seed', randomInt(999_999_999)])

/** ms that a kill may take at most, all of them together, and what is around them; several times what they do */
const mostMs = 3000
const patienceMs = 30_000

const keyed = ['anna', 'bert', 'cora', 'dirk', 'emma', 'fred']
const plain = ['olga', 'paul']

/** Makes the list that all share, and asks who the server is. */
const open = async (port: number): Promise<Identity> => {
  const line = new PlainLine(await bound())
  const made = await line.ask(port, { _tag: 'Create', list: square })
  line.close()
  if (made?.code !== 200) throw new Failure(`the first server answered ${made?.code}`)
  return identityAt(port)
}

const cast = async (): Promise<Cast> => {
  const sealed = await Promise.all(keyed.map(async (name, i) => new SealedPlayer(name, await bound(), dice(seed + i + 1))))
  const others = await Promise.all(plain.map(async (name, i) => new PlainPlayer(name, await bound(), dice(seed + 100 + i))))
  return { players: [...sealed, ...others], saver: new Saver(await bound(), dice(seed + 200)), open }
}

const folder = mkdtempSync(join(tmpdir(), 'peal-torture-'))
const folders: Folders = { home: join(folder, 'home'), data: join(folder, 'data'), saves: join(folder, 'saves') }
for (const path of [folders.home, folders.data, folders.saves]) mkdirSync(path, { mode: 0o700 })

const begun = performance.now()
const players = await cast()
const torture = new Torture(folders, players, await freePort(), dice(seed))

const summary = (): string => {
  const { kills: killed, ends, begun: early, stopped, snapshots, saves } = torture.tally
  const repeated = players.players.reduce((sum, player) => sum + (player instanceof SealedPlayer ? player.repeated : 0), 0)
  return [
    `${killed} kills (${early} before it listened) and ${ends} ends, ${torture.answers} answered commands, 0 lost; ${repeated} repeated, 0 answered otherwise`,
    `${snapshots} during a snapshot, ${saves} during a save (${players.saver.checked} files looked at), ${stopped} stopped for a while`,
    `${((performance.now() - begun) / 1000).toFixed(0)} s, ${((performance.now() - begun) / Math.max(1, killed + ends)).toFixed(0)} ms each`,
  ].join('\n')
}

const failed = (error: unknown): void => {
  console.log(`FAILED at kill ${torture.tally.kills}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  console.log(`what is left: ${folder}\nagain: node .dist/spec/torture/kill.js ${kills} ${seed}`)
  process.exit(1)
}

console.log(`seed ${seed}: ${kills} kills`)
const patience = setTimeout(() => failed(new Failure('all of it takes too long')), patienceMs + kills * mostMs)
try {
  for (let n = 0; n < kills; n++) {
    await torture.kill(n)
    if ((n + 1) % 100 === 0) console.log(`${n + 1} ...`)
  }
  await torture.rest()
  await torture.close()
  clearTimeout(patience)
  rmSync(folder, { recursive: true })
  console.log(summary())
} catch (error) {
  failed(error)
}
