// Where a demonstration is printed: ink, a prompt, a pause, and lines that can be drawn over. Without colours and animation it writes no
// escape sequence.
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pc from 'picocolors'
import type { Writable } from 'node:stream'

export interface Look {
  readonly output: Writable
  readonly colours: boolean
  /** whether lines may be drawn over: at a terminal that is as wide as they are */
  readonly animated: boolean
  /** without pauses for reading */
  readonly fast: boolean
}

type Ink = ReturnType<typeof pc.createColors>

export interface Page {
  readonly ink: Ink
  readonly animated: boolean
  readonly write: (text: string) => void
  /** ends a line that was begun */
  readonly rest: () => void
  /** ms: time to read; fails when it is interrupted */
  readonly pause: (ms: number) => Promise<void>
  /** `text` in the colour of `name`: each has its own, in the order in which they appear */
  readonly inkOf: (name: string, text?: string) => string
  /** `  Myself $ ` */
  readonly prompt: (name: string, mark: string) => string
  /** as wide as a prompt */
  readonly indent: string
  /** lines that are drawn over each time */
  readonly board: () => (lines: ReadonlyArray<string>) => void
}

/** columns: the longest name */
const nameWidth = 6

const colouring = ({ dim, cyan, green, magenta, yellow, blueBright }: Ink): Page['inkOf'] => {
  const colours = [dim, cyan, green, magenta, yellow, blueBright]
  const names = ['shell']
  return (name, text = name) => {
    if (!names.includes(name)) names.push(name)
    return (colours[names.indexOf(name) % colours.length] ?? cyan)(text)
  }
}

/** An empty page. */
export const page = ({ output, colours, animated, fast }: Look, interrupted: AbortSignal): Page => {
  const ink = pc.createColors(colours)
  const inkOf = colouring(ink)
  let isMidLine = false
  const write = (text: string): void => {
    isMidLine = !text.endsWith('\n')
    output.write(text)
  }
  return {
    ink,
    animated,
    write,
    rest: () => {
      if (isMidLine) write('\n')
    },
    pause: (ms) => (fast ? Promise.resolve() : sleep(ms, undefined, { signal: interrupted })),
    inkOf,
    prompt: (name, mark) => `  ${inkOf(name, name.padEnd(nameWidth))} ${ink.dim(mark)} `,
    indent: ' '.repeat(2 + nameWidth + 3),
    board: () => {
      let height = 0
      return (lines) => {
        if (height > 0) {
          moveCursor(output, 0, -height)
          cursorTo(output, 0)
          clearScreenDown(output)
        }
        write(`${lines.join('\n')}\n`)
        height = lines.length
      }
    },
  }
}
