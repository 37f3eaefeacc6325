// Tab at the prompt: command words, then the names met so far, by the kind of argument that stands there. Pure: a line and what is known
// go in, the candidates come out; a second Tab goes on to the next candidate, round and round.
import { isLeft } from 'fp-ts/lib/Either.js'
import { quote, split } from './quoting.js'
import { choicesOf, type AnyRow, type ArgumentKind } from './rows.js'

/** Names met in answers and messages. */
export interface Known {
  readonly lists: ReadonlySet<string>
  readonly contacts: ReadonlySet<string>
}

export interface Suggestions {
  /** the unfinished word as it stands in the line, to be replaced */
  readonly stem: string
  /** sorted, each as it must be typed */
  readonly candidates: ReadonlyArray<string>
}

const namesFor = (kind: ArgumentKind, known: Known): ReadonlySet<string> => {
  switch (kind) {
    case 'list': return known.lists
    case 'contact': return known.contacts
    case 'address':
    case 'port':
    case 'file':
    case 'im':
    case 'ticket':
    case 'flag':
    case 'choice':
    case 'text': return new Set()
  }
}

/** What may stand at `index`, counted from the command word, in a line that begins with `typed`. */
const offered = (row: AnyRow | undefined, typed: ReadonlyArray<string>, index: number, known: Known): ReadonlyArray<string> => {
  if (row === undefined) return []
  const flags = choicesOf(row)
  const hasFlag = index > 1 && flags.includes(typed[1] ?? '')
  const kind = row.args[flags.length === 0 || hasFlag ? index - 1 : index]?.kind
  return [...(index === 1 ? flags : []), ...(kind === undefined ? [] : namesFor(kind, known))]
}

/** What could stand at the end of this line, by that table. */
export const suggest = (rows: ReadonlyArray<AnyRow>, line: string, known: Known): Suggestions => {
  const words = [...rows.map(({ word }) => word), 'help']
  const parsed = split(line)
  const all = isLeft(parsed) ? parsed.left.words : parsed.right
  const last = all[all.length - 1]
  const isFresh = last === undefined || (last.end < line.length && !isLeft(parsed))
  const typed = isFresh ? '' : last.text
  const index = isFresh ? all.length : all.length - 1
  const stem = isFresh ? '' : line.slice(last.start)
  const command = all[0]?.text
  const row = rows.find(({ word }) => word === command)
  const names = index === 0 || (command === 'help' && index === 1) ? words : offered(row, all.map(({ text }) => text), index, known)
  return { stem, candidates: names.filter((name) => name.startsWith(typed)).sort().map(quote) }
}

/** A completer for one prompt: remembers what it put into the line, to go on from there. */
export const cycle = (rows: ReadonlyArray<AnyRow>, known: Known): ((line: string) => [string[], string]) => {
  let shown: { readonly line: string; readonly stem: string; readonly candidates: ReadonlyArray<string>; readonly at: number } | undefined
  const put = (before: string, candidates: ReadonlyArray<string>, at: number, stem: string): [string[], string] => {
    const candidate = candidates[at] ?? ''
    shown = { line: before + candidate, stem: candidate, candidates, at }
    return [[candidate], stem]
  }
  return (line) => {
    if (shown !== undefined && line === shown.line && shown.candidates.length > 1) {
      const { candidates, at, stem } = shown
      return put(line.slice(0, line.length - stem.length), candidates, (at + 1) % candidates.length, stem)
    }
    const { stem, candidates } = suggest(rows, line, known)
    return candidates.length === 0 ? [[], stem] : put(line.slice(0, line.length - stem.length), candidates, 0, stem)
  }
}
