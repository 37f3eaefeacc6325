// What the programs that show a server's past are made of: moments, lines in the columns of a terminal, and long output.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { Writable } from 'node:stream'
import fc from 'fast-check'
import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js'
import { exitCodes } from '../../shell/cli/exitcodes.js'
import { failure } from '../../shell/cli/failure.js'
import { flow, named as nameOf, padded, width } from '../../shell/cli/layout.js'
import { duration, localTime, momentFrom } from '../../shell/cli/moments.js'
import { print, type Lines } from '../../shell/cli/output.js'
import { limits } from '../../shell/limits.js'
import { anyContactName } from '../arbitraries/names.js'

/** With the zone of this machine set to one that has a summer time. */
const inBerlin = (): void => {
  const { TZ } = process.env
  before(() => {
    process.env['TZ'] = 'Europe/Berlin'
  })
  after(() => {
    if (TZ === undefined) delete process.env['TZ']
    else process.env['TZ'] = TZ
  })
}

describe('a moment', () => {
  inBerlin()
  const now = Date.parse('2026-11-22T14:03:07.123+01:00')
  const named = (text: string): unknown => {
    const moment = momentFrom(text, now)
    if (isLeft(moment)) return moment.left.sentence
    return moment.right?._tag === 'Time' ? new Date(moment.right.at).toISOString() : moment.right?.position
  }

  it('is a position, or a time as people write them', () => {
    deepEqual([named('0'), named('1763812345678'), momentFrom(undefined, now)], [0, 1763812345678, right(undefined)])
    const times = {
      '2026-11-22T14:03:07.123': '2026-11-22T13:03:07.123Z',
      '2026-11-22 14:03:07.1': '2026-11-22T13:03:07.100Z',
      '2026-11-22 9:03': '2026-11-22T08:03:00.000Z',
      '2026-07-01T00:00:00': '2026-06-30T22:00:00.000Z',
      '2026-11-22': '2026-11-21T23:00:00.000Z',
      '2026-02-28T23:59:59.999Z': '2026-02-28T23:59:59.999Z',
      '2026-11-22T09:00+05:30': '2026-11-22T03:30:00.000Z',
      '2026-11-21T23:00-03:00': '2026-11-22T02:00:00.000Z',
      '13:00': '2026-11-22T12:00:00.000Z',
      'today': '2026-11-21T23:00:00.000Z',
      'yesterday 14:00': '2026-11-21T13:00:00.000Z',
      'yesterday': '2026-11-20T23:00:00.000Z',
      '90s': '2026-11-22T13:01:37.123Z',
      '30m': '2026-11-22T12:33:07.123Z',
      '2h': '2026-11-22T11:03:07.123Z',
      '3d': '2026-11-19T13:03:07.123Z',
    }
    deepEqual(Object.fromEntries(Object.keys(times).map((text) => [text, named(text)])), times)
  })

  it('is nothing else, and says so', () => {
    const texts = ['', ' ', '-1', '1.5', '99999999999999999999', 'noon', 'tomorrow', '2026-02-30', '2026-13-01', '2026-11-22T24:00', '2026-11-22T12:60', '2026-11-22Z', '2026-11-22T1', '14:00Z', 'yesterday 14:00Z', 'T14:00', ' 14:00', '2 h', '2w', '2026-11-2214:00', '2026-11-22T14:00:00.1234']
    for (const text of texts) match(String(named(text)), /^".*" is no position and no time: a position is /, text)
    equal(named('14:04'), '2026-11-22T14:04:00.000 is still to come: it is 2026-11-22T14:03:07.123 now')
  })

  it('is read as it was shown', () => {
    const instants = fc.integer({ min: 0, max: now })
    fc.assert(fc.property(instants, (instant) => {
      const read = momentFrom(localTime(instant), now)
      // the hour that a clock shows twice is read as one of the two
      ok(isRight(read) && read.right?._tag === 'Time' && localTime(read.right.at) === localTime(instant))
    }))
    deepEqual([localTime(8.64e15), localTime(9e15)], ['275760-09-13T02:00:00.000', '9000000000000000 ms'])
  })

  it('is so long ago', () => {
    const spans = { 0: '0 ms', 999: '999 ms', 1000: '1 s', 59_999: '59 s', 60_000: '1 min', 2_836_120: '47 min 16 s', 3_600_000: '1 h', 11_520_000: '3 h 12 min', 97_200_000: '1 d 3 h', 86_400_000: '1 d' }
    deepEqual(Object.fromEntries(Object.keys(spans).map((ms) => [ms, duration(Number(ms))])), spans)
  })
})

describe('a line', () => {
  it('is as wide as a terminal draws it', () => {
    const widths = { abc: 3, '李小龍': 6, 'שלום\u200e': 4, 'e\u0301': 1, '🔔': 2, '\u001b[32mgreen\u001b[39m': 5, '한글': 4, 'ｆｕｌｌ': 8, '': 0 }
    deepEqual(Object.fromEntries(Object.keys(widths).map((text) => [text, width(text)])), widths)
    deepEqual([padded('李', 4), padded('\u001b[1ma\u001b[22m', 2), padded('long', 2)], ['李  ', '\u001b[1ma\u001b[22m ', 'long'])
  })

  it('is folded between words, and loses none', () => {
    const text = fc.array(anyContactName().map(nameOf), { minLength: 1, maxLength: 20 })
    fc.assert(fc.property(text, fc.integer({ min: 8, max: 120 }), (words, columns) => {
      const lines = flow(words.join(' '), '   ', columns).split('\n')
      for (const [i, line] of lines.entries()) {
        equal(line.startsWith('   '), i > 0)
        ok(width(line) <= columns || words.includes(line.slice(i > 0 ? 3 : 0)), line)
      }
      equal(lines.map((line, i) => line.slice(i > 0 ? 3 : 0)).join(' '), words.join(' '))
      equal(flow(words.join(' '), '   ', undefined), words.join(' '))
    }))
  })

  it('keeps names in their places that are read from the right', () => {
    deepEqual([nameOf('שלום'), nameOf('سلام عليكم'), nameOf('Foo Bar'), nameOf('李')], ['שלום\u200e', '"سلام عليكم"\u200e', '"Foo Bar"', '李'])
    equal(nameOf('a\u202eb\u001b[31m'), 'a<U+202E>b<U+001B>[31m')
  })
})

describe('long output', () => {
  const line = 'x'.repeat(99)
  /** Takes what is written, one chunk after the other when it is told to. */
  const slow = () => {
    const taken: string[] = []
    let take: (error?: Error) => void = () => undefined
    const stream = new Writable({ decodeStrings: false, write: (chunk: string, _, done) => {
      taken.push(chunk)
      take = done
    } })
    return { stream, taken, take: (error?: Error) => take(error) }
  }
  const counted = (many: number, end: ReturnType<Lines['return']>['value'] = right(undefined)) => {
    const count = { made: 0, isClosed: false }
    function* lines(): Lines {
      try {
        for (; count.made < many; count.made += 1) yield line
        return end as never
      } finally {
        count.isClosed = true
      }
    }
    return { count, lines: lines() }
  }

  it('is made as fast as it is taken, and no faster', async () => {
    const { stream, taken, take } = slow()
    const { count, lines } = counted(10_000)
    const printed = print(lines, stream)
    for (let chunks = 1; !count.isClosed; chunks += 1) {
      equal(taken.length, chunks)
      ok(count.made <= chunks * Math.ceil(limits.outputCharacters / 100))
      take()
      await new Promise(setImmediate)
    }
    take()
    deepEqual(await printed, right(0))
    equal(taken.join(''), `${line}\n`.repeat(10_000))
  })

  it('ends quietly when nobody reads on, and says so when it cannot be written', async () => {
    for (const [code, end] of [['EPIPE', right(0)], ['ENOSPC', left(failure(exitCodes.disk, 'standard output: ENOSPC'))]] as const) {
      const { stream, take } = slow()
      const { count, lines } = counted(10_000)
      const printed = print(lines, stream)
      take(Object.assign(new Error(code), { code }))
      deepEqual(await printed, end)
      ok(count.isClosed && count.made < 1000)
    }
  })

  it('prints what there was before a failure, and nothing where there was nothing', async () => {
    const broken = left(failure(exitCodes.damaged, 'a gap'))
    for (const many of [2, 0]) {
      const { stream, taken, take } = slow()
      const printed = print(counted(many, broken).lines, stream)
      take()
      deepEqual([await printed, taken], [broken, many === 0 ? [] : [`${line}\n`.repeat(many)]])
    }
  })
})
