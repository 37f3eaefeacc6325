// Server processes that are to be killed. One is always ready behind the one that runs, with its modules loaded, so that a restart takes no longer
// than what the server itself does.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { homeIn } from '../stage/program.js'
import { Failure } from './notes.js'
import type { Readable, Writable } from 'node:stream'

const program = fileURLToPath(new URL('../../shell/cli/main.js', import.meta.url))
const warm = new URL('./warm.js', import.meta.url).href

/** ms in which a server must be listening */
const startMs = 20_000

const running = new Set<ChildProcessByStdio<Writable, Readable, Readable>>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(1))

export class Victim {
  /** all that it said, on either stream */
  readonly said: string[] = []
  readonly ended: Promise<unknown>
  hasEnded = false
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #news = new EventEmitter()

  /** Makes a server ready; it begins when it is told to. `under`: a program, with its arguments, that becomes this one. */
  constructor(args: ReadonlyArray<string>, home: string, under: ReadonlyArray<string> = []) {
    const [file = '', ...words] = [...under, process.execPath, '--import', warm, program, 'server', ...args]
    this.#child = spawn(file, words, { stdio: 'pipe', env: { ...process.env, ...homeIn(home) } })
    this.#child.on('error', (error) => this.said.push(error.message))
    this.#child.stdin.on('error', () => undefined)
    running.add(this.#child)
    for (const input of [this.#child.stdout, this.#child.stderr]) createInterface({ input }).on('line', (line) => {
      this.said.push(line)
      this.#news.emit('news')
    })
    this.ended = once(this.#child, 'close').then(() => {
      this.hasEnded = true
      running.delete(this.#child)
      this.#news.emit('news')
    })
  }

  go(): void {
    this.#child.stdin.write('\n')
  }

  /** The first line that matches, as soon as it is there. Rejects when the server ends before; one that takes too long is ended. */
  async line(wanted: RegExp): Promise<RegExpExecArray> {
    const impatient = setTimeout(() => this.signal('SIGKILL'), startMs)
    for (;;) {
      const found = this.said.map((line) => wanted.exec(line)).find((match) => match !== null)
      if (found !== undefined) {
        clearTimeout(impatient)
        return found
      }
      if (this.hasEnded) throw new Failure(`no ${wanted.source} from a server that said\n${this.said.join('\n')}`)
      await once(this.#news, 'news')
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  get pid(): number {
    return this.#child.pid ?? NaN
  }

  /** How it ended: an exit code, or the signal that ended it. */
  get ending(): number | string | null {
    return this.#child.exitCode ?? this.#child.signalCode
  }
}
