// The batches in the bytes of an SQLite file and its log, read without SQLite, after "Database File Format" of its documentation. Only what our journals
// are made of: one table whose key is the position, pages of 4096 bytes, no index, nothing ever deleted.
//
//   page ──interior──> page ──leaf──> cell ──> record: position, rules, sum, text     a long record goes on in overflow pages
//
// Whatever the bytes are, it ends: with an error where they cannot be a journal. That the batches are those which were written is not its business.
import { pageBytes, type Log } from './log.js'
import type { Row } from './chain.js'

/** The only table of a journal. */
export const table = 'create table batches (position integer primary key, rules integer not null, sum text not null, records text not null)'

const headBytes = 100
/** bytes of a record that stay in its leaf at most and, where it goes on elsewhere, at least */
const mostInLeaf = pageBytes - 35
const leastInLeaf = Math.floor(((pageBytes - 12) * 32) / 255) - 23
const inOverflow = pageBytes - 4
/** no tree of so many pages is deeper */
const deepest = 20

/** An SQLite file under its log. */
interface Pages {
  readonly page: (number: number) => Buffer
  readonly count: number
}

const wrong = (what: string): never => {
  throw new RangeError(what)
}

const pagesOf = (file: Buffer, log: Log): Pages => {
  const inFile = Math.floor(file.length / pageBytes)
  const page = (number: number): Buffer => {
    const logged = log.pages.get(number)
    if (logged !== undefined) return logged
    return number >= 1 && number <= inFile ? file.subarray((number - 1) * pageBytes, number * pageBytes) : wrong(`there is no page ${number}`)
  }
  return { page, count: inFile + log.pages.size }
}

/** A number of one to nine bytes, and where the next thing stands. */
const varint = (bytes: Buffer, at: number): readonly [value: number, next: number] => {
  let value = 0
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes.readUInt8(at + index)
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) return [value, at + index + 1]
  }
  return wrong('a number is too large')
}

interface Cell {
  readonly key: number
  readonly record: Buffer
}

const record = (pages: Pages, page: Buffer, at: number, length: number): Buffer => {
  if (length > pages.count * pageBytes) return wrong(`a record is ${length} bytes long`)
  const remainder = leastInLeaf + ((length - leastInLeaf) % inOverflow)
  const here = length <= mostInLeaf ? length : remainder <= mostInLeaf ? remainder : leastInLeaf
  if (at + here > pageBytes) return wrong('a record reaches over its page')
  const local = page.subarray(at, at + here)
  if (here === length) return local
  const pieces = [local]
  let next = page.readUInt32BE(at + here)
  for (let left = length - here; left > 0; left -= inOverflow) {
    const overflow = pages.page(next)
    pieces.push(overflow.subarray(4, 4 + Math.min(left, inOverflow)))
    next = overflow.readUInt32BE(0)
  }
  return Buffer.concat(pieces, length)
}

/** The cells behind a key in a tree, lowest first where it is one. Reads as many pages of it as there can be. */
function* cells(pages: Pages, root: number, after: number): Generator<Cell> {
  let left = pages.count
  function* below(number: number, depth: number): Generator<Cell> {
    left -= 1
    if (depth > deepest || left < 0) return wrong('the tree is none')
    const page = pages.page(number)
    const head = number === 1 ? headBytes : 0
    const isLeaf = page[head] === 13
    if (!isLeaf && page[head] !== 5) return wrong(`page ${number} is of no kind that a journal has`)
    const places = head + (isLeaf ? 8 : 12)
    for (let index = 0; index < page.readUInt16BE(head + 3); index += 1) {
      const at = page.readUInt16BE(places + 2 * index)
      const [first, next] = varint(page, isLeaf ? at : at + 4)
      const [key, behind] = isLeaf ? varint(page, next) : [first, next]
      if (key <= after) continue
      if (isLeaf) yield { key, record: record(pages, page, behind, first) }
      else yield* below(page.readUInt32BE(at), depth + 1)
    }
    if (!isLeaf) yield* below(page.readUInt32BE(head + 8), depth + 1)
    return undefined
  }
  yield* below(root, 0)
}

type Value = number | Buffer | null

const value = (bytes: Buffer, kind: number, at: number): readonly [value: Value, next: number] => {
  if (kind === 0) return [null, at]
  if (kind === 8 || kind === 9) return [kind - 8, at]
  if (kind >= 1 && kind <= 6) {
    const length = kind < 5 ? kind : kind === 5 ? 6 : 8
    return [length === 8 ? Number(bytes.readBigInt64BE(at)) : bytes.readIntBE(at, length), at + length]
  }
  if (kind < 12) return wrong('a value is of no kind that a journal has')
  const end = at + Math.floor((kind - 12) / 2)
  return end > bytes.length ? wrong('a value reaches over its record') : [bytes.subarray(at, end), end]
}

const values = (bytes: Buffer): ReadonlyArray<Value> => {
  const [headEnd, first] = varint(bytes, 0)
  const found: Value[] = []
  let at = headEnd
  for (let kindAt = first; kindAt < headEnd; ) {
    const [kind, nextKind] = varint(bytes, kindAt)
    const [one, next] = value(bytes, kind, at)
    found.push(one)
    kindAt = nextKind
    at = next
  }
  return found
}

const textOf = (bytes: Value | undefined): string => (Buffer.isBuffer(bytes) ? bytes.toString('latin1') : wrong('a text is none'))

/** A journal as its file has it. */
export interface Journal {
  /** what `user_version` was set to */
  readonly version: number
  /** The batches behind a position, in order. Throws where the bytes cannot be a journal. */
  readonly rows: (after: number) => Generator<Row>
}

/** Throws where the bytes cannot be a journal. */
export const journalOf = (file: Buffer, log: Log): Journal => {
  const pages = pagesOf(file, log)
  const head = pages.page(1)
  if (head.toString('latin1', 0, 16) !== 'SQLite format 3\0' || head.readUInt16BE(16) !== pageBytes || head[20] !== 0 || head.readUInt32BE(56) !== 1)
    return wrong('it is no journal')
  const tables = [...cells(pages, 1, 0)].map((cell) => values(cell.record))
  const [only] = tables
  if (only === undefined || tables.length !== 1 || textOf(only[4]).toLowerCase() !== table) return wrong('it has not the table of a journal')
  const root = typeof only[3] === 'number' ? only[3] : wrong('its table is nowhere')
  function* rows(after: number): Generator<Row> {
    for (const { key, record: bytes } of cells(pages, root, after)) {
      const [, rules, sum, text] = values(bytes)
      if (typeof rules !== 'number' || !Buffer.isBuffer(text)) return wrong(`the batch at ${key} is none`)
      yield { position: key, rules, sum: textOf(sum), text }
    }
    return undefined
  }
  return { version: head.readUInt32BE(60), rows }
}
