// A program under test: a Node process of its own, its lines awaited one after the other, so that no test sleeps. A wait for a line
// that can no longer come fails at once, with what the program did say; one that may still come is bounded by the test's time limit.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { lines } from '../standin/lines.js'

/** How a process ended: its exit code, null where a signal ended it, and all of its stderr. */
interface Ending {
  readonly code: number | null
  readonly stderr: string
}

/** The user's folders, in `home`: no program reads or writes those of whoever runs the tests. */
export const homeIn = (home: string): { readonly XDG_STATE_HOME: string; readonly XDG_DATA_HOME: string; readonly XDG_RUNTIME_DIR: string } => ({
  XDG_STATE_HOME: join(home, 'state'),
  XDG_DATA_HOME: join(home, 'data'),
  XDG_RUNTIME_DIR: join(home, 'run'),
})

export class Program {
  /** all that it has printed */
  readonly said: string[] = []
  readonly ended: Promise<Ending>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #news = new EventEmitter()
  #read = 0
  #complaints = ''
  #ending: Ending | undefined

  /** Starts `file` under this same Node, in the folder `cwd`; what it keeps for its user it keeps in `home`. `flags` are Node's own. */
  constructor(file: URL, args: readonly string[], cwd: string, home: string, flags: readonly string[] = []) {
    // CI makes some libraries colour what goes into a pipe: ours must not
    const env = { ...process.env, CI: 'true', ...homeIn(home) }
    this.#child = spawn(process.execPath, [...flags, fileURLToPath(file), ...args], { cwd, stdio: 'pipe', env })
    // What is typed at a program that has died is lost; the wait for its next line tells why.
    this.#child.stdin.on('error', () => undefined)
    this.ended = this.#follow()
  }

  /** Waits for the next line that matches; the lines before it are skipped and not looked at again. */
  async line(wanted: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      for (const said of this.said.slice(this.#read)) {
        this.#read += 1
        const found = wanted.exec(said)
        if (found !== null) return found
      }
      if (this.#ending !== undefined) throw new Error(`ended without ${wanted.source}\n${this.said.join('\n')}\n${this.#ending.stderr}`)
      await once(this.#news, 'news')
    }
  }

  /** Waits for the first match in what it says on standard error. */
  async complaint(wanted: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = wanted.exec(this.#complaints)
      if (found !== null) return found
      if (this.#ending !== undefined) throw new Error(`ended without ${wanted.source}\n${this.#complaints}`)
      await once(this.#news, 'news')
    }
  }

  /** Types lines at its prompt. */
  type(...typed: readonly string[]): void {
    for (const line of typed) this.#child.stdin.write(`${line}\n`)
  }

  /** No more will be typed. */
  finish(): void {
    this.#child.stdin.end()
  }

  get pid(): number {
    return this.#child.pid ?? NaN
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it, if it has not ended, and waits until it has. */
  async stop(): Promise<Ending> {
    this.#child.kill()
    return this.ended
  }

  async #follow(): Promise<Ending> {
    this.#child.stderr.setEncoding('utf8').on('data', (said: string) => {
      this.#complaints += said
      this.#news.emit('news')
    })
    const [closing] = await Promise.all([once(this.#child, 'close'), this.#listen()])
    const [code] = closing as [number | null]
    this.#ending = { code, stderr: this.#complaints }
    this.#news.emit('news')
    return this.#ending
  }

  async #listen(): Promise<void> {
    for await (const line of lines(this.#child.stdout)) {
      this.said.push(line)
      this.#news.emit('news')
    }
  }
}
