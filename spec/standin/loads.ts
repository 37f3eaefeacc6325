// Python's `json.loads` with its default settings: the way in for `dumps`. JSON.parse would not do, because it moves keys that look
// like numbers to the front and forgets whether a number was whole, and an original passes on what it does not know unchanged.
// A lexer of one regular expression, and a descent with one function for each kind of bracket.
import type { Json, JsonObject } from './dumps.js'

// eslint-disable-next-line no-control-regex -- what a JSON string may not hold
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/
const word = /true|false|null|NaN|-?Infinity/

/** Blanks, then one token, or the end of the text. */
const token = new RegExp(`[ \\t\\n\\r]*(?:[{}[\\],:]|${string.source}|${number.source}|${word.source}|$)`, 'y')

const words: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['true', true], ['false', false], ['null', null], ['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity],
])

const readNumber = (digits: string): Json => (/[.eE]/.test(digits) ? Number(digits) : BigInt(digits))

/** What is left to read: `next` is the token not yet taken, the empty string at the end. */
class Reader {
  next = ''
  readonly #text: string
  readonly #token = new RegExp(token)

  constructor(text: string) {
    this.#text = text
    this.advance()
  }

  advance(): void {
    const at = this.#token.lastIndex
    const found = this.#token.exec(this.#text)
    if (found === null) throw new SyntaxError(`no JSON from character ${at} on`)
    this.next = found[0].trimStart()
  }

  /** Takes `wanted` if it comes next. */
  takes(wanted: string): boolean {
    if (this.next !== wanted) return false
    this.advance()
    return true
  }

  expects(wanted: string): void {
    if (!this.takes(wanted)) throw new SyntaxError(`${wanted} expected, ${this.next || 'the end'} found`)
  }
}

const readScalar = (reader: Reader): Json => {
  const text = reader.next
  const meant = words.get(text)
  if (meant === undefined && !/^["\d-]/.test(text)) throw new SyntaxError(`a value expected, ${text || 'the end'} found`)
  reader.advance()
  if (meant !== undefined) return meant
  return text.startsWith('"') ? JSON.parse(text) as string : readNumber(text)
}

const readArray = (reader: Reader): readonly Json[] => {
  const items: Json[] = []
  if (reader.takes(']')) return items
  do items.push(readValue(reader)); while (reader.takes(','))
  reader.expects(']')
  return items
}

/** Of a key that comes twice, the first place and the last value are kept, as in a Python dict. */
const readObject = (reader: Reader): JsonObject => {
  const entries = new Map<string, Json>()
  if (reader.takes('}')) return entries
  do {
    if (!reader.next.startsWith('"')) throw new SyntaxError(`a key expected, ${reader.next || 'the end'} found`)
    const key = readScalar(reader) as string
    reader.expects(':')
    entries.set(key, readValue(reader))
  } while (reader.takes(','))
  reader.expects('}')
  return entries
}

const readValue = (reader: Reader): Json => {
  if (reader.takes('[')) return readArray(reader)
  if (reader.takes('{')) return readObject(reader)
  return readScalar(reader)
}

/** `json.loads(text)`. Throws SyntaxError for anything but one JSON value; NaN and the infinities are values to Python. */
export const loads = (text: string): Json => {
  const reader = new Reader(text)
  const value = readValue(reader)
  if (reader.next !== '') throw new SyntaxError(`nothing more expected, ${reader.next} found`)
  return value
}
