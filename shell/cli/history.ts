// Lines typed in earlier runs: commands, and texts by list. One JSON object a line in the state folder of the XDG base directory
// specification, readable by its owner only. A history that cannot be read or written is no reason not to chat: it is left alone.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isLeft, tryCatch } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { limits } from '../limits.js'
import { stateFolder } from '../places.js'

const Line = t.intersection([t.strict({ line: t.string }), t.exact(t.partial({ list: t.string }))])
type Line = t.TypeOf<typeof Line>

export interface History {
  /** newest first, as node:readline has it; `list` for the texts of one list, undefined for commands */
  readonly lines: (list: string | undefined) => string[]
  readonly add: (list: string | undefined, line: string) => void
}

export const historyFile = (env: NodeJS.ProcessEnv): string => join(stateFolder(env), 'history.jsonl')

const parsed = (text: string): ReadonlyArray<Line> => {
  const json = tryCatch((): unknown => JSON.parse(text), () => undefined)
  return !isLeft(json) && Line.is(json.right) ? [json.right] : []
}

const read = (file: string): Line[] => {
  const content = tryCatch(() => readFileSync(file, 'utf8'), () => undefined)
  const lines = isLeft(content) ? [] : content.right.split('\n').flatMap(parsed)
  if (lines.length <= limits.historyFileLines) return lines
  const kept = lines.slice(-limits.historyFileLines / 2)
  tryCatch(() => writeFileSync(file, kept.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 }), () => undefined)
  return kept
}

/** The history in `file`; undefined: of this run only. */
export const history = (file: string | undefined): History => {
  const all = file === undefined ? [] : read(file)
  return {
    lines: (list) => all.filter((entry) => entry.list === list).map(({ line }) => line).reverse().slice(0, limits.historyLines),
    add: (list, line) => {
      if (line.trim() === '') return
      const entry: Line = list === undefined ? { line } : { list, line }
      all.push(entry)
      if (file === undefined) return
      tryCatch(
        () => {
          mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
          appendFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
        },
        () => undefined,
      )
    },
  }
}
