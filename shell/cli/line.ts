// A typed line, or the words of a command line, understood by a table of commands. Commander does the grammar: missing and surplus
// arguments, `help`, and "did you mean". Text is the raw rest of the line, so that nobody has to quote a sentence.
import { Command, CommanderError } from 'commander'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { choicesOf, usage, type AnyRow, type Row } from './rows.js'
import { split, type Word } from './quoting.js'

/** The line is no command: what is wrong, for a person. */
export interface Misunderstood {
  readonly _tag: 'Misunderstood'
  readonly sentence: string
}

/** The line asked for help: the text. */
export interface Help {
  readonly _tag: 'Help'
  readonly text: string
}

export type Understood<A> = { readonly _tag: 'Empty' } | Help | { readonly _tag: 'Meant'; readonly meaning: A }

type Outcome<A> = Either<Misunderstood, Understood<A>>
type Rows<A> = ReadonlyArray<Row<A>>

const misunderstood = (sentence: string): Either<Misunderstood, never> => left({ _tag: 'Misunderstood', sentence })

/** The grammar of one row; `given` is called with its arguments. */
const added = (program: Command, row: AnyRow, given: (args: ReadonlyArray<string | undefined>) => void): void => {
  const command = program
    .command(row.word)
    .summary(row.summary)
    .description(`${row.summary}.\n${row.detail}`)
    .helpOption(false)
    .configureHelp({ commandUsage: () => usage(row) })
  const args = row.args.filter(({ kind }) => kind !== 'flag')
  for (const { name, optional } of args) command.argument(optional ? `[${name}]` : `<${name}>`)
  command.allowExcessArguments(false).action((...values: ReadonlyArray<unknown>) => given(values.slice(0, args.length) as string[]))
}

/** The flag behind the command word, where the row has flags; the row's flag is its first argument. */
const flagIn = (row: AnyRow | undefined, words: ReadonlyArray<string>): ReadonlyArray<string> =>
  row !== undefined && choicesOf(row).includes(words[1] ?? '') ? words.slice(1, 2) : []

/** What stands before the arguments: the command word, its flag, and a `--` behind which a name may look like a flag. */
const headOf = (row: AnyRow | undefined, words: ReadonlyArray<string>): number => {
  const behind = 1 + flagIn(row, words).length
  return words[behind] === '--' ? behind + 1 : behind
}

/** What looks like a flag and is none of the row's, or is a second one; not in a text, and not behind `--`. */
const strayFlag = (row: AnyRow, words: ReadonlyArray<string>): string | undefined => {
  const head = headOf(row, words)
  const names = row.args.filter(({ kind }) => kind !== 'flag' && kind !== 'text').length
  return words[head - 1] === '--' ? undefined : words.slice(head, head + names).find((word) => /^--[a-z]/i.test(word))
}

const strays = (row: AnyRow, stray: string): string => {
  const choices = choicesOf(row)
  const has = choices.length === 0 ? 'which has none' : choices.length === 1 ? `which has ${choices.join('')}` : `which has one of ${choices.join(', ')}`
  return `${stray} is no option of ${row.word}, ${has}; a name that begins with -- stands behind a --`
}

/** The words with a flag that ends them put behind the command word; not where a text may end them. */
const flagFirst = (row: AnyRow | undefined, words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [word = '', ...rest] = words
  const last = rest[rest.length - 1] ?? ''
  if (row === undefined || row.args.some(({ kind }) => kind === 'text') || flagIn(row, words).length > 0 || words.includes('--') || !choicesOf(row).includes(last)) return words
  return [word, last, ...rest.slice(0, -1)]
}

/** Parses words by the table. A fresh grammar each time: commander keeps what it parsed. */
const understandWords = <A>(rows: Rows<A>, given: ReadonlyArray<string>): Outcome<A> => {
  let outcome: Outcome<A> = right({ _tag: 'Empty' })
  const row = rows.find(({ word }) => word === given[0])
  const words = flagFirst(row, given)
  const flags = flagIn(row, words)
  const stray = row === undefined ? undefined : strayFlag(row, words)
  if (row !== undefined && stray !== undefined) return misunderstood(strays(row, stray))
  const said: string[] = []
  const program = new Command('')
    .exitOverride()
    .helpOption(false)
    .configureHelp({ commandUsage: () => '<command> [arguments]', subcommandTerm: (command) => command.name() })
    .helpCommand('help [command]', 'show the commands, or one of them')
    .configureOutput({ writeOut: (text) => void said.push(text), writeErr: (text) => void said.push(text) })
  const taken = (of: Row<A>, args: ReadonlyArray<string | undefined>): void => {
    const meaning = of.meaning(choicesOf(of).length > 0 ? [flags[0], ...args] : args)
    outcome = isLeft(meaning) ? misunderstood(meaning.left) : right({ _tag: 'Meant', meaning: meaning.right })
  }
  for (const each of rows) added(program, each, (args) => taken(each, args))
  try {
    // `--`: a name may begin with a dash, and a flag has been taken off
    program.parse(words[0] === 'help' ? [...words] : [...words.slice(0, 1), '--', ...words.slice(headOf(row, words))], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const text = said.join('').trimEnd()
    if (error.code.startsWith('commander.help')) return right({ _tag: 'Help', text })
    const cure = row === undefined ? 'type help for the commands' : `usage: ${usage(row)}`
    return misunderstood(`${text.replace(/^error: /, '').replace(/\n/g, ' ').replace(/\.$/, '')}; ${cure}`)
  }
  return outcome
}

/** Where the text argument of the command stands among its words, one of which may be its flag; `undefined` where it has none. */
const textAt = (rows: ReadonlyArray<AnyRow>, words: ReadonlyArray<string>): number | undefined => {
  const row = rows.find(({ word }) => word === words[0])
  const at = row?.args.filter(({ kind }) => kind !== 'flag').findIndex(({ kind }) => kind === 'text') ?? -1
  return at < 0 ? undefined : at + headOf(row, words)
}

/** The words with everything from the text argument on taken raw from the line. */
const withRawText = (rows: ReadonlyArray<AnyRow>, line: string, words: ReadonlyArray<Word>): ReadonlyArray<string> => {
  const plain = words.map(({ text }) => text)
  const at = textAt(rows, plain)
  const first = at === undefined ? undefined : words[at]
  return first === undefined ? plain : [...plain.slice(0, at), line.slice(first.start)]
}

/** An unbalanced quote is no mistake inside a text. */
const wordsOf = (rows: ReadonlyArray<AnyRow>, line: string): Either<Misunderstood, ReadonlyArray<string>> => {
  const words = split(line)
  if (!isLeft(words)) return right(withRawText(rows, line, words.right))
  const { at, mark, words: before } = words.left
  const text = textAt(rows, before.map((word) => word.text))
  if (text !== undefined && before.length > text) return right(withRawText(rows, line, before))
  return misunderstood(`the ${mark} at column ${at + 1} has no end; write \\${mark} for the character itself`)
}

/** A line of the prompt or of a script. */
export const understand = <A>(rows: Rows<A>, line: string): Outcome<A> => {
  const words = wordsOf(rows, line)
  if (isLeft(words)) return words
  return words.right.length === 0 ? right({ _tag: 'Empty' }) : understandWords(rows, words.right)
}

/** The words of a command line, which a shell has split already; those from the text argument on are one text. */
export const understandArguments = <A>(rows: Rows<A>, words: ReadonlyArray<string>): Outcome<A> => {
  const at = textAt(rows, words)
  return understandWords(rows, at === undefined || words.length <= at ? words : [...words.slice(0, at), words.slice(at).join(' ')])
}
