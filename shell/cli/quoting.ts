// A typed line as words: blanks separate, 'single' and "double" quotes hold blanks, a backslash takes the next character as it is
// (inside single quotes nothing is special). `don't` is an error that says where, never a silent `dont`.
import { left, right, type Either } from 'fp-ts/lib/Either.js'

/** A word, whether it is finished, and where it stands in the line. */
export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface Unbalanced {
  /** the column, from 0, of the quote or backslash that nothing closes */
  readonly at: number
  readonly mark: string
  /** the words before it, and what stands of the unfinished one */
  readonly words: ReadonlyArray<Word>
}

const closing = (line: string, at: number, quote: string): number => {
  for (let i = at; i < line.length; i++) {
    if (line[i] === quote) return i
    if (quote === '"' && line[i] === '\\') i++
  }
  return -1
}

const unescaped = (text: string, quote: string): string => (quote === '"' ? text.replace(/\\(["\\])/g, '$1') : text)

/** The word that begins at `start`, or where its quote or backslash stands that has no end. */
const wordAt = (line: string, start: number): Either<{ at: number; text: string }, Word> => {
  let text = ''
  let i = start
  while (i < line.length && !/\s/.test(line[i] ?? '')) {
    const character = line[i] ?? ''
    if (character === '\\') {
      if (i + 1 >= line.length) return left({ at: i, text })
      text += line[i + 1] ?? ''
      i += 2
    } else if (character === '"' || character === "'") {
      const end = closing(line, i + 1, character)
      if (end < 0) return left({ at: i, text: text + unescaped(line.slice(i + 1), character) })
      text += unescaped(line.slice(i + 1, end), character)
      i = end + 1
    } else {
      text += character
      i += 1
    }
  }
  return right({ text, start, end: i })
}

/** The words of a line. */
export const split = (line: string): Either<Unbalanced, ReadonlyArray<Word>> => {
  const words: Word[] = []
  let at = line.search(/\S/)
  while (at >= 0 && at < line.length) {
    const word = wordAt(line, at)
    if (word._tag === 'Left') {
      const unfinished = { text: word.left.text, start: at, end: line.length }
      return left({ at: word.left.at, mark: line[word.left.at] ?? '', words: [...words, unfinished] })
    }
    words.push(word.right)
    const next = line.slice(word.right.end).search(/\S/)
    at = next < 0 ? -1 : word.right.end + next
  }
  return right(words)
}

/** The word as it must be typed. */
export const quote = (text: string): string => (/^[^\s'"\\]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`)
