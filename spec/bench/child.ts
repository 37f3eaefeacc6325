// Programs under measurement: Node processes of their own. What one says, on either stream, is kept as lines and can be awaited; how much
// CPU it has used is read from Linux's /proc, to the nanosecond and over all of its threads, and is not a number elsewhere.
// Whatever becomes of the bench, no child outlives it, and the user's own keys are not touched.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isLeft } from 'fp-ts/lib/Either.js'
import { call, controlPath } from '../../shell/control.js'
import { runFolder } from '../../shell/places.js'
import { homeIn } from '../stage/program.js'
import type { Readable } from 'node:stream'

export interface Child {
  readonly pid: number
  /** waits, 20 s at most, for the next line that matches; the lines before it are skipped */
  readonly line: (wanted: RegExp) => Promise<RegExpExecArray>
  /** the last lines that it said */
  readonly last: () => ReadonlyArray<string>
  readonly type: (line: string) => void
  readonly signal: (name: NodeJS.Signals) => void
  readonly stop: () => Promise<void>
}

interface Wait {
  readonly wanted: RegExp
  readonly found: (match: RegExpExecArray) => void
}

const patienceMs = 20_000

/** where the children keep what is their user's: keys, sockets */
const home = mkdtempSync(join(tmpdir(), 'peal-bench-'))

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(home, { recursive: true })
})
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1))

/** Lines from either stream, in the order in which they came, for one reader at a time. */
const listening = (streams: ReadonlyArray<Readable>) => {
  const said: string[] = []
  const last: string[] = []
  let waiting: Wait | undefined
  const look = (): void => {
    while (waiting !== undefined && said.length > 0) {
      const match = waiting.wanted.exec(said.shift() ?? '')
      if (match === null) continue
      const { found } = waiting
      waiting = undefined
      found(match)
    }
  }
  for (const input of streams)
    createInterface({ input }).on('line', (line) => {
      said.push(line)
      last.push(line)
      if (last.length > 10) last.shift()
      look()
    })
  return {
    last,
    listenFor: (wait: Wait): void => {
      waiting = wait
      look()
    },
  }
}

/** How a program is started: one that is not `listen`ed to writes to the null device; what is `preloaded` is loaded before it. */
interface Started { readonly listen?: boolean; readonly preloaded?: URL }

/** Starts `file` under this same Node. */
export const start = (file: URL, args: ReadonlyArray<string>, { listen = true, preloaded }: Started = {}): Child => {
  const output = listen ? 'pipe' : 'ignore'
  const child: ChildProcess = spawn(process.execPath, [...(preloaded === undefined ? [] : ['--import', preloaded.href]), fileURLToPath(file), ...args], { stdio: ['pipe', output, output], env: { ...process.env, ...homeIn(home) } })
  const ended = once(child, 'exit').finally(() => running.delete(child))
  const { listenFor, last } = listening([child.stdout, child.stderr].filter((stream) => stream !== null))
  running.add(child)
  return {
    pid: child.pid ?? NaN,
    line: (wanted) =>
      new Promise((found, failed) => {
        const fail = (why: string): void => failed(new Error(`${args.join(' ')}: ${why} before it said ${wanted.source}\n${last.join('\n')}`))
        const timer = setTimeout(fail, patienceMs, `${patienceMs} ms went by`)
        void ended.then(() => fail('it ended'))
        listenFor({ wanted, found: (match) => { clearTimeout(timer); found(match) } })
      }),
    last: () => last,
    type: (line) => child.stdin?.write(`${line}\n`),
    signal: (name) => { child.kill(name) },
    stop: async () => {
      child.kill()
      const killing = setTimeout(() => child.kill('SIGKILL'), 1000)
      await ended
      clearTimeout(killing)
    },
  }
}

/** µs of CPU that all threads of a process have used so far; NaN where the system does not say. */
export const cpuMicros = (pid: number): number => {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const nanos = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]))
    return nanos.reduce((sum, ns) => sum + ns, 0) / 1000
  } catch {
    return NaN
  }
}

const program = new URL('../../shell/cli/main.js', import.meta.url)

/** The real server, and the port that it took; its directory is in memory unless `args` name a folder. */
export const startServer = async (args: ReadonlyArray<string>, preloaded?: URL): Promise<{ readonly child: Child; readonly port: number }> => {
  const where = args.includes('--data') ? [] : ['--memory']
  const child = start(program, ['server', '--host', '127.0.0.1', ...where, ...args], preloaded === undefined ? {} : { preloaded })
  const [, port] = await child.line(/^peal server at 127\.0\.0\.1:(\d+)$/)
  return { child, port: Number(port) }
}

/** What a server counts, and what it holds of memory. */
export interface Summary { readonly received: number; readonly malformed: number; readonly replies: number
  readonly sealed: number; readonly rss: number }

/** The summary of a server that logs at `info`. */
export const summary = async (server: Child): Promise<Summary> => {
  server.signal('SIGUSR1')
  const [line] = await server.line(/^.*"msg":"summary".*$/)
  return JSON.parse(line) as Summary
}

/** The answer to an order of the operator of the server at that port: a code and lines. */
export const operate = async (port: number, words: ReadonlyArray<string>): Promise<string> => {
  const answer = await call(controlPath(runFolder(homeIn(home)), port), words)()
  if (isLeft(answer)) throw new Error(answer.left.sentence)
  return [String(answer.right.code), ...answer.right.lines].join('\n')
}

/** A real peer of that server that stays when its input ends, with nobody to read what it shows. */
export const startPeer = (serverPort: number): Child =>
  start(program, ['peer', '--classic', '127.0.0.1', String(serverPort), '--host', '127.0.0.1', '--stay'], { listen: false })

/** A real sealed peer with keys of that name, likewise. `line`: host:port#fingerprint. */
export const startSealedPeer = (line: string, name: string, args: ReadonlyArray<string>): Child =>
  start(program, ['peer', line, '--as', name, '--host', '127.0.0.1', '--stay', ...args], { listen: false })

/** One of this folder's own programs, and the port that it said. */
export const startBeside = async (file: string, args: ReadonlyArray<string>): Promise<{ readonly child: Child; readonly port: number }> => {
  const child = start(new URL(file, import.meta.url), args)
  const [port] = await child.line(/^\d+$/)
  return { child, port: Number(port) }
}
