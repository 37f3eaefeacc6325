// Text in the columns of a terminal: how wide it is there, tables, and lines folded where a terminal ends. What is written into a file or a pipe is
// not folded: a line is a record there.

import { quote } from './quoting.js'
import { visible } from './visible.js'
import type { WriteStream } from 'node:tty'

/** Where lines are folded; `undefined`: nowhere. */
export type Columns = number | undefined

export const columnsOf = ({ isTTY, columns }: Pick<WriteStream, 'isTTY' | 'columns'>): Columns => (isTTY ? columns : undefined)

/** Unicode Standard Annex 11, the blocks of it that are wide, and what is drawn as a picture. */
const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const nothing = /\p{M}|\p{Cf}/u
// eslint-disable-next-line no-control-regex -- the colours of picocolors begin with it
const colour = /\u001b\[\d+m/g

/** Columns that `text` takes; colours take none. */
export const width = (text: string): number => {
  const plain = text.replace(colour, '')
  if (/^[ -~]*$/.test(plain)) return plain.length
  return Array.from(plain).reduce((sum, character) => sum + (nothing.test(character) ? 0 : wide.test(character) ? 2 : 1), 0)
}

/** `text` with blanks behind it, `columns` wide at least. */
export const padded = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)))

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** Text that is read from the right, with a mark behind it (U+200E) that ends it there: it takes no digits or commas that follow along. */
export const isolated = (text: string): string => (rightToLeft.test(text) ? `${text}\u200e` : text)

/** A name as it must be typed, safe to print, in its place whichever way it is read. */
export const named = (name: string): string => isolated(visible(quote(name)))

/** A word with the blanks before it; what stands in quotes is in one piece. */
const words = / *(?:"(?:\\.|[^"\\])*"|[^ ])+/g

/** The text in lines no wider than `columns`, where a word is not; the lines but the first begin with `indent`. */
export const flow = (text: string, indent: string, columns: Columns): string => {
  if (columns === undefined || width(text) <= columns) return text
  let folded = ''
  let used = 0
  for (const word of text.match(words) ?? []) {
    const more = width(word)
    const isTooWide = used > 0 && used + more > columns
    folded += isTooWide ? `\n${indent}${word.trimStart()}` : word
    used = isTooWide ? indent.length + width(word.trimStart()) : used + more
  }
  return folded
}
