// Where lines come from and where they go: a terminal with a prompt, a pipe, or the command line itself. All three look the same from
// outside, so that a script does exactly what typing it would do.
//
// At a terminal, whatever arrives is printed above the line being typed, which is then drawn again with the cursor where it was.
import { createInterface, cursorTo, clearScreenDown, moveCursor, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { limits } from '../limits.js'
import { cycle, type Known } from './completion.js'
import type { AnyRow } from './rows.js'
import type { History } from './history.js'

/** What is being asked for: a command, or the text of a message to `list`. */
export type Wanted = { readonly _tag: 'Command' } | { readonly _tag: 'Text'; readonly list: string }

export interface Terminal {
  /** false: nobody is typing, and the next line waits until a message is home */
  readonly isInteractive: boolean
  /** shows the prompt for it, where there is one */
  readonly want: (wanted: Wanted) => void
  /** what stands in the place of the prompt while a message is under way; nothing where nobody is typing */
  readonly progress: (line: string) => void
  /** a line of data (stdout) or talk (stderr) */
  readonly print: (line: string, isTalk: boolean) => void
  readonly pause: () => void
  readonly resume: () => void
  readonly close: () => void
}

/** A line as it was typed, or the words of a command line, which a shell has split already. */
export type Line = string | ReadonlyArray<string>

/** What a terminal reports. */
export interface Listener {
  readonly line: (line: Line) => void
  /** no line will come any more */
  readonly end: () => void
  /** Ctrl-C at the prompt */
  readonly interrupt: () => void
}

export interface Streams {
  readonly input: Readable
  readonly output: Writable
  readonly errors: Writable
}

const prompts = { Command: '$ ', Text: '> ' } as const

/** node:readline keeps these fields public but does not declare them. */
type Editor = Interface & { history: string[]; prevRows: number }

/** Takes the prompt and the line being typed off the screen, also when it is longer than the screen is wide. */
const wipe = (editor: Editor, output: Writable): void => {
  moveCursor(output, 0, -editor.getCursorPos().rows)
  cursorTo(output, 0)
  clearScreenDown(output)
}

/** Draws `line` above the line being typed. */
const printAbove = (editor: Editor, output: Writable, line: string): void => {
  wipe(editor, output)
  output.write(`${line}\n`)
  editor.prevRows = 0
  editor.prompt(true)
}

/** A person at a terminal: editing, history, completion. */
export const prompt = ({ input, output }: Streams, rows: ReadonlyArray<AnyRow>, known: Known, past: History, listener: Listener): Terminal => {
  const editor = createInterface({ input, output, terminal: true, completer: cycle(rows, known), historySize: limits.historyLines, removeHistoryDuplicates: true, prompt: prompts.Command }) as Editor
  let list: string | undefined
  let closed = false
  editor.history = past.lines(undefined)
  editor.on('line', (line) => {
    past.add(list, line)
    listener.line(line)
  })
  editor.on('close', () => {
    wipe(editor, output)
    closed = true
    listener.end()
  })
  editor.on('SIGINT', () => {
    if (editor.line === '') return listener.interrupt()
    editor.write(null, { ctrl: true, name: 'e' })
    editor.write(null, { ctrl: true, name: 'u' })
  })
  return {
    isInteractive: true,
    want: (wanted) => {
      list = wanted._tag === 'Text' ? wanted.list : undefined
      editor.history = past.lines(list)
      editor.setPrompt(prompts[wanted._tag])
      if (!closed) editor.prompt(true)
    },
    progress: (line) => {
      if (closed) return
      editor.setPrompt(`${line} `)
      editor.prompt(true)
    },
    print: (line) => (closed ? void output.write(`${line}\n`) : printAbove(editor, output, line)),
    pause: () => undefined,
    resume: () => undefined,
    close: () => {
      if (!closed) editor.close()
    },
  }
}

const plainPrint = ({ output, errors }: Streams) => (line: string, isTalk: boolean): void => void (isTalk ? errors : output).write(`${line}\n`)

/** Commands from standard input, one a line. */
export const pipe = (streams: Streams, listener: Listener): Terminal => {
  const reader = createInterface({ input: streams.input, terminal: false, crlfDelay: Infinity })
  reader.on('line', listener.line)
  reader.on('close', listener.end)
  return {
    isInteractive: false,
    want: () => undefined,
    progress: () => undefined,
    print: plainPrint(streams),
    pause: () => reader.pause(),
    resume: () => reader.resume(),
    close: () => {
      reader.off('close', listener.end)
      reader.close()
    },
  }
}

/** Lines that are known beforehand: those of the command line. */
export const given = (streams: Streams, lines: ReadonlyArray<Line>, listener: Listener): Terminal => {
  setImmediate(() => {
    lines.forEach(listener.line)
    listener.end()
  })
  return { isInteractive: false, want: () => undefined, progress: () => undefined, print: plainPrint(streams), pause: () => undefined, resume: () => undefined, close: () => undefined }
}
