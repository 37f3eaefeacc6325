// A typed line, or the words of a command line, understood by the table of commands. Commander does the grammar: missing and surplus
// arguments, `help`, and "did you mean". Text is the raw rest of the line, so that nobody has to quote a sentence.
import { Command, CommanderError } from 'commander'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { commands, usage, type CommandRow, type Meaning } from './commands.js'
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

export type Understood = { readonly _tag: 'Empty' } | Help | ({ readonly _tag: 'Meant' } & Meaning)

type Outcome = Either<Misunderstood, Understood>

const misunderstood = (sentence: string): Outcome => left({ _tag: 'Misunderstood', sentence })

/** The grammar of one row; `given` is called with its arguments. */
const added = (program: Command, row: CommandRow, given: (row: CommandRow, args: ReadonlyArray<string | undefined>) => void): void => {
  const command = program
    .command(row.word)
    .summary(row.summary)
    .description(`${row.summary}.\n${row.detail}`)
    .helpOption(false)
    .configureHelp({ commandUsage: () => usage(row) })
  for (const { name, optional } of row.args) command.argument(optional ? `[${name}]` : `<${name}>`)
  command.allowExcessArguments(false).action((...args: ReadonlyArray<unknown>) => given(row, args.slice(0, row.args.length) as string[]))
}

/** Parses words by the table. A fresh grammar each time: commander keeps what it parsed. */
const understandWords = (words: ReadonlyArray<string>): Outcome => {
  let outcome: Outcome = right({ _tag: 'Empty' })
  const said: string[] = []
  const program = new Command('')
    .exitOverride()
    .helpOption(false)
    .configureHelp({ commandUsage: () => '<command> [arguments]', subcommandTerm: (command) => command.name() })
    .helpCommand('help [command]', 'show the commands, or one of them')
    .configureOutput({ writeOut: (text) => void said.push(text), writeErr: (text) => void said.push(text) })
  const given = (row: CommandRow, args: ReadonlyArray<string | undefined>): void => {
    const meaning = row.meaning(args)
    outcome = isLeft(meaning) ? misunderstood(meaning.left) : right({ _tag: 'Meant', ...meaning.right })
  }
  for (const row of commands) added(program, row, given)
  try {
    // `--`: a name may begin with a dash, and there are no options
    program.parse(words[0] === 'help' ? [...words] : [...words.slice(0, 1), '--', ...words.slice(1)], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const text = said.join('').trimEnd()
    if (error.code.startsWith('commander.help')) return right({ _tag: 'Help', text })
    const row = commands.find(({ word }) => word === words[0])
    const cure = row === undefined ? 'type help for the commands' : `usage: ${usage(row)}`
    return misunderstood(`${text.replace(/^error: /, '').replace(/\n/g, ' ').replace(/\.$/, '')}; ${cure}`)
  }
  return outcome
}

/** The words with everything from the text argument on taken raw from the line. */
const withRawText = (line: string, words: ReadonlyArray<Word>): ReadonlyArray<string> => {
  const row = commands.find(({ word }) => word === words[0]?.text)
  const textAt = row?.args.findIndex(({ kind }) => kind === 'text') ?? -1
  const first = textAt < 0 ? undefined : words[textAt + 1]
  const plain = words.map(({ text }) => text)
  return first === undefined ? plain : [...plain.slice(0, textAt + 1), line.slice(first.start)]
}

/** An unbalanced quote is no mistake inside a text. */
const wordsOf = (line: string): Either<Misunderstood, ReadonlyArray<string>> => {
  const words = split(line)
  if (!isLeft(words)) return right(withRawText(line, words.right))
  const { at, mark, words: before } = words.left
  const row = commands.find(({ word }) => word === before[0]?.text)
  const textAt = row?.args.findIndex(({ kind }) => kind === 'text') ?? -1
  if (textAt >= 0 && before.length > textAt + 1) return right(withRawText(line, before))
  return left({ _tag: 'Misunderstood', sentence: `the ${mark} at column ${at + 1} has no end; write \\${mark} for the character itself` })
}

/** A line of the prompt or of a script. */
export const understand = (line: string): Outcome => {
  const words = wordsOf(line)
  if (isLeft(words)) return words
  return words.right.length === 0 ? right({ _tag: 'Empty' }) : understandWords(words.right)
}

/** The words of a command line, which a shell has split already; those behind the arguments of an im-start are its text. */
export const understandArguments = (words: ReadonlyArray<string>): Outcome => {
  const row = commands.find(({ word }) => word === words[0])
  const textAt = row?.args.findIndex(({ kind }) => kind === 'text') ?? -1
  const hasText = textAt >= 0 && words.length > textAt + 1
  return understandWords(hasText ? [...words.slice(0, textAt + 1), words.slice(textAt + 1).join(' ')] : words)
}
