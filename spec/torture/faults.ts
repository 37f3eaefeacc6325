// Lets each system call of a store fail in turn, by strace(1), and puts one on a disk that is really full: `faults.js [EVERY]` takes every EVERYth call.
// Whatever became of the program, all that it acknowledged is found afterwards; and a full disk ends none, but where SQLite calls it a failed
// truncation, which no full disk says. Where there is no strace, or no name space of one's own, it says so.
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { numbersGiven } from '../given.js'
import { companions } from '../../shell/stores/contents.js'
import { digestOf } from '../../shell/stores/snapshot.js'
import { tally } from '../model/tally.js'
import { cabinet, counts, inFolder, opening, tallied } from '../stage/cabinet.js'

const [every] = numbersGiven('Lets each system call of a store fail in turn, or each of so many.', ['every', 1])
const keeper = fileURLToPath(new URL('keeper.js', import.meta.url))
const full = fileURLToPath(new URL('full.js', import.meta.url))

/** How a run of the keeper went. */
interface Run {
  readonly code: number | null
  readonly said: string
}

const run = (program: string, args: ReadonlyArray<string>): Promise<Run> =>
  new Promise((resolve) => {
    const child = execFile(program, args, { env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, timeout: 60_000 }, (_, said) => resolve({ code: child.exitCode, said }))
  })

const traced = (folder: string, log: string, call: string, rest: ReadonlyArray<string>): Promise<Run> =>
  run('strace', ['-f', '--seccomp-bpf', '-qq', '-y', '-o', log, ...only(folder, call), '-e', `trace=${call}`, ...rest, process.execPath, keeper, folder])

/** Restricts strace to the store's own files, where a call is made by everybody else too. */
const only = (folder: string, call: string): ReadonlyArray<string> => {
  const journals = ['.journal.db', 'journal-0.db', 'journal-411.db'].flatMap((name) => ['', ...companions].map((ending) => name + ending))
  const names = ['', 'witness', '.witness', 'lock.db', 'snapshot-0.jsonl', 'snapshot-411.jsonl', ...journals]
  return call === 'openat' ? names.flatMap((name) => ['-P', join(folder, name)]) : []
}

/** Which invocations of `call` of any thread touch the store's folder: that is how strace counts them. */
const invocations = async (home: string, call: string): Promise<ReadonlyArray<number>> => {
  const [folder, log] = [join(home, 'data'), join(home, 'log')]
  await traced(folder, log, call, [])
  const counted = new Map<string, number>()
  const found = new Set<number>()
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [, thread = ''] = new RegExp(`^(\\d+) +${call}\\(`).exec(line) ?? []
    if (thread === '') continue
    counted.set(thread, (counted.get(thread) ?? 0) + 1)
    if (line.includes(folder)) found.add(counted.get(thread) ?? 0)
  }
  return [...found].sort((a, b) => a - b).filter((_, index) => index % every === 0)
}

/** The states that a keeper goes through, by position. */
const states = new Map<number, string>()
for (let index = 0, all = tallied([]); index <= 10; all = tallied(counts(index, 1 + ((index * 37) % 150)), all), index += 1) states.set(all.position, digestOf(tally, all))

/** What is wrong with what a keeper left; `undefined` where nothing is. */
const wrongWith = async (folder: string, said: string): Promise<string | undefined> => {
  const acknowledged = Math.max(0, ...Array.from(said.matchAll(/^acknowledged (\d+)$/gm), ([, position]) => Number(position)))
  try {
    const { store, state } = await cabinet(opening(folder))
    const { position } = state()
    await store.close()
    if (position < acknowledged) return `acknowledged ${acknowledged}, found ${position}`
    return states.get(position) === digestOf(tally, state()) ? undefined : `what was found at ${position} is wrong`
  } catch (error) {
    return String(error)
  }
}

const outcomeOf = ({ code, said }: Run): string => {
  if (code === 0) return /^Full/m.test(said) ? 'full, then done' : 'done'
  return code === 74 ? `not opened (${/^unopened (\w+)/m.exec(said)?.[1] ?? ''})` : code === 75 ? 'broken' : 'died'
}

/** Lets `call` say `error` at each of its invocations, and `more` behind it. */
const inject = async (call: string, error: string, more: number): Promise<number> => {
  const outcomes = new Map<string, number>()
  const wrongs: string[] = []
  const waiting = [...(await inFolder((home) => invocations(home, call)))]
  const total = waiting.length
  const worked = async (): Promise<void> => {
    for (let when = waiting.shift(); when !== undefined; when = waiting.shift()) {
      const invocation = when
      await inFolder(async (home) => {
        const folder = join(home, 'data')
        const outcome = await traced(folder, '/dev/null', call, ['-e', `inject=${call}:error=${error}:when=${invocation}..${invocation + more}`])
        const name = outcomeOf(outcome)
        outcomes.set(name, (outcomes.get(name) ?? 0) + 1)
        const wrong = (await wrongWith(folder, outcome.said)) ?? (error === 'ENOSPC' && name === 'broken' && call !== 'ftruncate' ? `broken: ${outcome.said.slice(-200)}` : undefined)
        if (wrong !== undefined) wrongs.push(`${call} ${error} at ${invocation}: ${wrong}`)
      })
    }
  }
  await Promise.all([worked(), worked()])
  console.log(`${call.padEnd(10)} ${error} ${more === 0 ? 'once   ' : `${more + 1} times`} ${String(total).padStart(4)} calls: ${[...outcomes].map(([name, count]) => `${count} ${name}`).join(', ')}; ${wrongs.length} wrong`)
  for (const wrong of wrongs.slice(0, 5)) console.log(`  ${wrong}`)
  return wrongs.length
}

let wrongs = 0
if (spawnSync('strace', ['-V']).status === 0) {
  for (const call of ['pwrite64', 'write', 'ftruncate', 'openat', 'rename', 'mkdir']) for (const more of [0, 3]) wrongs += await inject(call, 'ENOSPC', more)
  for (const call of ['fsync', 'fdatasync', 'pwrite64', 'write', 'ftruncate', 'openat', 'rename', 'unlink']) wrongs += await inject(call, 'EIO', 0)
} else console.log('There is no strace here: no call was made to fail.')

await inFolder(async (home) => {
  const mounted = `mount -t tmpfs -o size=40m none "$0" && exec "$1" "$2" "$0"`
  const { code, said } = await run('unshare', ['-rm', 'sh', '-c', mounted, home, process.execPath, full])
  if (said !== '') console.log(said.trimEnd())
  else console.log('There is no name space of its own to be had here: no disk was filled.')
  wrongs += code === 0 || said === '' ? 0 : 1
})
process.exitCode = wrongs === 0 ? 0 : 1
