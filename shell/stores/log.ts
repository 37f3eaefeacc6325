// The log beside an SQLite file (`-wal`), after "The WAL Format" in its file format's description: a header of 32 bytes, then frames of a page
// each, every one with the header's two salts and a checksum over all frames before it.
//
// SQLite takes the first frame that is not right for the end, and says nothing. There are three such ends:
//
//   frames of a former round      other salts: they mean nothing
//   a batch that was torn         our salts behind the last commit: written when the program or the machine stopped, and acknowledged to nobody
//   damage                        one of those ends a commit, and the next was written behind it: so that commit had been synced

/** bytes of a page of every journal */
export const pageBytes = 4096
const headBytes = 32
const frameHeadBytes = 24
const frameBytes = frameHeadBytes + pageBytes

/** What a log has to say about the file beside it. */
export interface Log {
  /** the newest committed version of each page that is in it */
  readonly pages: ReadonlyMap<number, Buffer>
  /** frames of a batch that was torn */
  readonly torn: number
  /** commits stand behind the damage, and are not in `pages` */
  readonly isDamaged: boolean
}

const nothing: Log = { pages: new Map(), torn: 0, isDamaged: false }

/** Two sums of 32 bits, of which the second counts the order. */
interface Check {
  readonly one: number
  readonly two: number
}

const isSame = (a: Check, b: Check): boolean => a.one === b.one && a.two === b.two

const checkAt = (bytes: Buffer, at: number): Check => ({ one: bytes.readUInt32BE(at), two: bytes.readUInt32BE(at + 4) })

/** The checksum of `from` to `to`, a multiple of 8 bytes, behind what gave `before`. */
const checked = ({ one, two }: Check, words: DataView, from: number, to: number, isLittle: boolean): Check => {
  let a = one
  let b = two
  for (let at = from; at < to; at += 8) {
    a = (a + words.getUint32(at, isLittle) + b) >>> 0
    b = (b + words.getUint32(at + 4, isLittle) + a) >>> 0
  }
  return { one: a, two: b }
}

interface Frames {
  /** frames of this round, also one that the end of the file cuts */
  readonly isOurs: (index: number) => boolean
  readonly endsCommit: (index: number) => boolean
  /** it is whole, and was written behind what gave `before` */
  readonly follows: (before: Check, index: number) => boolean
  readonly check: (index: number) => Check
  readonly page: (index: number) => readonly [number: number, page: Buffer]
  readonly count: number
}

const framesOf = (bytes: Buffer, words: DataView, isLittle: boolean): Frames => {
  const place = (index: number): number => headBytes + index * frameBytes
  const check = (index: number): Check => checkAt(bytes, place(index) + 16)
  const isOurs = (index: number): boolean => place(index) + 16 <= bytes.length && bytes.compare(bytes, 16, 24, place(index) + 8, place(index) + 16) === 0
  return {
    isOurs,
    check,
    endsCommit: (index) => bytes.readUInt32BE(place(index) + 4) !== 0,
    follows: (before, index) => {
      const at = place(index)
      if (at + frameBytes > bytes.length || !isOurs(index)) return false
      const behindHead = checked(before, words, at, at + 8, isLittle)
      return isSame(checked(behindHead, words, at + frameHeadBytes, at + frameBytes, isLittle), check(index))
    },
    page: (index) => [bytes.readUInt32BE(place(index)), bytes.subarray(place(index) + frameHeadBytes, place(index) + frameBytes)],
    count: Math.ceil((bytes.length - headBytes) / frameBytes),
  }
}

/** What stands in a log. One whose header is not right is one that begins anew: all that it held stands in the file beside it. */
export const readLog = (bytes: Buffer): Log => {
  if (bytes.length < headBytes) return nothing
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const magic = bytes.readUInt32BE(0)
  const isLittle = magic === 0x377f0682
  const head = checkAt(bytes, 24)
  if ((!isLittle && magic !== 0x377f0683) || !isSame(checked({ one: 0, two: 0 }, words, 0, 24, isLittle), head)) return nothing
  const frames = framesOf(bytes, words, isLittle)
  const pages = new Map<number, Buffer>()
  let committed = 0
  for (let index = 0, before = head; index < frames.count && frames.follows(before, index); before = frames.check(index), index += 1)
    if (frames.endsCommit(index)) for (; committed <= index; committed += 1) pages.set(...frames.page(committed))
  let torn = 0
  let isDamaged = false
  for (let index = committed; index < frames.count; index += 1) {
    if (!frames.isOurs(index)) continue
    torn += 1
    if (index + 1 < frames.count && frames.endsCommit(index) && frames.follows(frames.check(index), index + 1)) isDamaged = true
  }
  return { pages, torn, isDamaged }
}
