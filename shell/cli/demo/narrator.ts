// What a person reads of the demonstration. It knows no process: it is told what happened, in order, and each thing told is kept when a
// person has had the time to read it.
//
//   Me     $ leave list_1 Me            463 refused: two messages are ongoing
//   Me     $ im-complete list_1 Me      200 done   list_1 [1 ongoing]
import { rings, type Sight } from './rings.js'
import type { Page } from './page.js'
import type { Line, Message, Scene } from './scene.js'

/** What the demonstration did. */
export interface Tally {
  steps: number
  messages: number
  hops: number
  refusals: number
}

/** What stands behind an answer: how many messages are ongoing in a list, or something in words. */
export type Remark = { readonly _tag: 'Lock'; readonly list: string; readonly ongoing: number } | { readonly _tag: 'Note'; readonly text: string }

export interface Narrator {
  readonly opening: (what: string) => Promise<void>
  readonly scene: (scene: Scene) => Promise<void>
  /** a line as it is typed at somebody's prompt; what came of it follows */
  readonly typed: (name: string, line: string) => Promise<void>
  readonly answered: (line: Pick<Line, 'code' | 'why'>, remarks: ReadonlyArray<Remark>) => Promise<void>
  readonly noted: (text: string) => Promise<void>
  /** the beginning of a line that goes on with names */
  readonly gathering: (list: string) => Promise<void>
  readonly joined: (name: string) => Promise<void>
  readonly gathered: () => Promise<void>
  readonly rings: (messages: ReadonlyArray<Message>) => ReadonlyArray<Sight>
  /** lines side by side, in groups that stay together */
  readonly file: (groups: ReadonlyArray<ReadonlyArray<string>>) => Promise<void>
  readonly closing: (tally: Tally) => void
  /** how to go on from here */
  readonly farewell: () => void
}

/** ms */
const pauses = { letter: 10, typed: 100, answered: 80, refused: 700, joined: 40, file: 1200 } as const

/** columns: the longest line that is typed, and a blank */
const lineWidth = 26

/** At most three columns, as low as they can be; a group is not broken. */
const inColumns = (groups: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> => {
  const packed = (height: number): ReadonlyArray<ReadonlyArray<string>> =>
    groups.reduce<ReadonlyArray<ReadonlyArray<string>>>((columns, group) => {
      const last = columns[columns.length - 1]
      return last !== undefined && last.length + group.length <= height ? [...columns.slice(0, -1), [...last, ...group]] : [...columns, group]
    }, [])
  let height = Math.max(0, ...groups.map(({ length }) => length))
  while (packed(height).length > 3) height += 1
  return packed(height)
}

/** The columns side by side, the first line of each group in bold. */
const sideBySide = ({ ink }: Page, groups: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const columns = inColumns(groups)
  const width = Math.max(0, ...groups.flat().map(({ length }) => length)) + 3
  const height = Math.max(0, ...columns.map(({ length }) => length))
  const heads = new Set(groups.map(([head]) => head))
  const cell = (text: string): string => (heads.has(text) ? ink.bold(text) : text) + ' '.repeat(width - text.length)
  return Array.from({ length: height }, (_, at) => columns.map((column) => cell(column[at] ?? '')).join('').trimEnd())
}

const remarkOn = ({ ink }: Page, remark: Remark): string => {
  switch (remark._tag) {
    case 'Lock': return `${remark.list} ${remark.ongoing > 0 ? ink.yellow(`[${remark.ongoing} ongoing]`) : ink.green('[free]')}`
    case 'Note': return remark.text
  }
}

/** The scenes: their titles, and the lines in them. */
const lines = (page: Page): Pick<Narrator, 'scene' | 'typed' | 'answered' | 'noted'> => {
  const { ink, pause, write } = page
  let scenes = 0
  return {
    scene: ({ title, notice }) => {
      scenes += 1
      write(`\n${ink.bold(`${scenes}  ${title}`)}\n   ${notice}\n\n`)
      return pause(pauses.letter * (title.length + notice.length))
    },
    typed: (name, line) => {
      write(`${page.prompt(name, '$')}${line.padEnd(lineWidth)} `)
      return pause(pauses.typed)
    },
    answered: ({ code, why = '' }, remarks) => {
      const isDone = code === 200
      const verdict = isDone ? ink.green('200 done') : `${ink.red(`${code} refused:`)} ${why}`
      write(`${[verdict, ...remarks.map((remark) => remarkOn(page, remark))].join('   ')}\n`)
      return pause(isDone ? pauses.answered : pauses.refused)
    },
    noted: (text) => {
      write(`${text}\n`)
      return pause(pauses.answered)
    },
  }
}

export const narrate = (page: Page): Narrator => {
  const { ink, inkOf, pause, write } = page
  return {
    opening: (what) => {
      write(`\n${ink.bold('Peal')}: ${what}\nSix programs on this machine talk over real UDP${page.animated ? ', here in slow motion' : ''}.\n`)
      return pause(pauses.letter * what.length)
    },
    ...lines(page),
    gathering: (list) => {
      write(`  create ${list}, join `)
      return pause(pauses.typed)
    },
    joined: (name) => {
      write(` ${inkOf(name)}`)
      return pause(pauses.joined)
    },
    gathered: () => {
      write('\n')
      return pause(pauses.answered)
    },
    rings: (messages) => rings(page, messages),
    file: (groups) => {
      write(`\n${sideBySide(page, groups).map((line) => `    ${line}\n`).join('')}`)
      return pause(pauses.file)
    },
    closing: ({ steps, messages, hops, refusals }) => {
      const counted = Object.entries({ steps, messages, hops, refusals }).filter(([, count]) => count > 0)
      write(`\n${ink.bold(ink.green(`${counted.map(([what, count]) => `${count} ${what}`).join(', ')}: all as they should be`))}\n`)
    },
    farewell: () => write('\nnow you:  npm run peal -- server\n          npm run peal -- peer 127.0.0.1 22000 --as me     (in other terminals)\n\n'),
  }
}
