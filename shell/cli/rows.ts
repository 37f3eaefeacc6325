// A table of commands: the one place that says what can be typed. The prompt, the command line, `help`, completion and the tables in the
// documents are all made from it. There are two: that of the classic wire (`commands`) and that of the sealed one (`orders`).
import type { Either } from 'fp-ts/lib/Either.js'

/** What an argument is: decides how it is checked and what completes it. */
export type ArgumentKind = 'list' | 'contact' | 'address' | 'port' | 'file' | 'text' | 'im' | 'ticket' | 'flag' | 'choice'

export interface Argument {
  /** of a flag: its choices, with a bar between them */
  readonly name: string
  readonly kind: ArgumentKind
  readonly optional: boolean
}

/** A command and what it means. */
export interface Row<A> {
  readonly word: string
  /** a flag, if there is one, comes first; a text, if there is one, last */
  readonly args: ReadonlyArray<Argument>
  readonly summary: string
  readonly detail: string
  /** the words after the command word, `undefined` where an optional one is missing; a sentence where one is not what it should be */
  readonly meaning: (args: ReadonlyArray<string | undefined>) => Either<string, A>
}

/** A row whatever it means. */
export type AnyRow = Omit<Row<unknown>, 'meaning'>

export const needed = (name: string, kind: ArgumentKind): Argument => ({ name, kind, optional: false })
export const optional = (name: string, kind: ArgumentKind): Argument => ({ name, kind, optional: true })

/** `on|off`: one of them. */
export const choice = (...choices: ReadonlyArray<string>): Argument => needed(choices.join('|'), 'choice')

/** `--open|--closed`: one of them, or none; before the other arguments, or behind them where no text is among these. */
export const flag = (...choices: ReadonlyArray<string>): Argument => optional(choices.join('|'), 'flag')

/** The choices of a row's flag; none where it has no flag. */
export const choicesOf = ({ args: [first] }: AnyRow): ReadonlyArray<string> => (first?.kind === 'flag' ? first.name.split('|') : [])

/** `join <list> <contact>`, `register <contact> [ip] [port]`. */
export const usage = ({ word, args }: AnyRow): string =>
  [word, ...args.map(({ name, optional: may }) => (may ? `[${name}]` : `<${name}>`))].join(' ')

/** The table as the documents show it; a bar inside a cell is escaped (GitHub Flavored Markdown, section 4.10). */
export const markdownTable = (rows: ReadonlyArray<AnyRow>): string =>
  ['| command | what it does |', '|---|---|', ...rows.map((row) => `| \`${usage(row).replaceAll('|', '\\|')}\` | ${row.summary} |`)].join('\n')
