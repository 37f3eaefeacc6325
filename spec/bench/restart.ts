// How long a server takes to come back: with a million commands behind its last snapshot, and from a snapshot of 100,000 contacts and 10,000 lists. What it
// comes back from is written by the production store, in batches. Each start is a fresh process: what it says that restoring took, and
// what it took from its beginning to its first answer. `node restart.js [commands] [contacts]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { createSocket } from 'node:dgram'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { isLeft } from 'fp-ts/lib/Either.js'
import { numbersGiven } from '../given.js'
import { server } from '../../core/index.js'
import { code } from '../../shell/code.js'
import { openSqlite } from '../../shell/stores/sqlite.js'
import { startServer } from './child.js'
import { config, History } from './history.js'
import { median, print } from './report.js'
import type { Opened } from '../../shell/stores/store.js'

const [commands, contacts] = numbersGiven('How long a server takes to come back.', ['commands', 1_000_000], ['contacts', 100_000])
const starts = 3
const batch = 1000
const target = { folded: 5000, snapshot: 2000 }

type Directory = server.Directory

const ledger = server.ledger(code)
const settings = server.settingsOf(config)

const opened = async (folder: string, first: server.State): Promise<Opened<server.Entry, Directory>> => {
  const store = await openSqlite(ledger, folder, { history: 0, now: Date.now })(server.directory(first, settings))()
  if (isLeft(store)) throw new Error(store.left.sentence)
  return store.right
}

/** Of everything that the store keeps of a state. */
const hashOf = (state: Directory): string => {
  const hash = createHash('sha256')
  for (const part of ledger.parts(state)) hash.update(JSON.stringify(part()))
  return hash.digest('hex')
}

interface Written { readonly folder: string; readonly hash: string }

/** Writes what `History` does; `moves` behind the snapshot, if there is one. */
const written = async (history: History, moves: number, snapshot: boolean): Promise<Written> => {
  const folder = join(mkdtempSync(join(tmpdir(), 'peal-restart-')), 'data')
  const { store } = await opened(folder, server.initial)
  const append = async (records: ReadonlyArray<server.Entry>): Promise<void> => {
    const appended = await store.append({ records, position: history.state.position })()
    if (isLeft(appended)) throw new Error(appended.left.sentence)
  }
  await append(history.begin())
  const directory = (): Directory => server.directory(history.state, settings)
  if (snapshot) {
    const taken = await store.snapshot(directory())()
    if (isLeft(taken)) throw new Error(taken.left.sentence)
  }
  for (let n = 0; n < moves; n += batch) await append(Array.from({ length: Math.min(batch, moves - n) }, (_, i) => history.move(n + i)))
  await store.close()
  return { folder, hash: hashOf(directory()) }
}

/** ms that a server says restoring took, and ms from its beginning to its first answer. Its end is sudden, so that the next one has as much to do. */
const start = async (folder: string): Promise<{ readonly said: number; readonly answered: number }> => {
  const begun = performance.now()
  const { child, port } = await startServer(['--log-level', 'silent', '--data', folder, '--contacts', '1000000', '--lists', '1000000'])
  const socket = createSocket('udp4')
  const answered = new Promise<number>((heard) => socket.once('message', () => heard(performance.now() - begun)))
  socket.send('query-lists', port, '127.0.0.1')
  const took = await answered
  socket.close()
  const said = child.last().flatMap((line) => /^restored .* in (\d+) ms/.exec(line)?.[1] ?? [])
  child.signal('SIGKILL')
  await child.stop()
  return { said: Number(said[0] ?? NaN), answered: took }
}

const measure = async (name: string, most: number, { folder, hash }: Written): Promise<ReadonlyArray<string>> => {
  const { restored, store } = await opened(folder, server.initial)
  await store.close()
  const isSame = hashOf(restored.state) === hash
  const times = []
  for (let i = 0; i < starts; i++) times.push(await start(folder))
  rmSync(join(folder, '..'), { recursive: true })
  const [said, answered] = [median(times.map((one) => one.said)), median(times.map((one) => one.answered))]
  const rate = restored.folded === 0 ? '' : ((restored.folded / said) * 1000).toFixed(0)
  return [name, String(restored.folded), said.toFixed(0), answered.toFixed(0), String(most), rate, isSame ? 'the same' : 'DIFFERS', isSame && said <= most ? 'held' : 'MISSED']
}

const rows = [
  await measure(`${commands} commands behind the snapshot`, target.folded, await written(new History(1000, 100), commands, true)),
  await measure(`a snapshot of ${contacts} contacts, ${contacts / 10} lists`, target.snapshot, await written(new History(contacts, contacts / 10), 0, true)),
]
print(`Restart, medians of ${starts}`, ['', 'folded', 'restoring ms', 'to the first answer', 'wanted', 'folded a second', 'state', ''], rows)
