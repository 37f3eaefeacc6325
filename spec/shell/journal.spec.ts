// What operators see of a server's past: `peal journal` and `peal replay`, on a folder in memory.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { left, right } from 'fp-ts/lib/Either.js'
import { classic, fingerprint, limits, roll, self, server, type ContactName, type Instant, type ListName } from '../../core/index.js'
import { described } from '../../shell/cli/directory.js'
import { exitCodes } from '../../shell/cli/exitcodes.js'
import { told } from '../../shell/cli/journal.js'
import type { Moment } from '../../shell/cli/moments.js'
import { JournalLine, ReplayLine } from '../../shell/cli/pastline.js'
import { shown } from '../../shell/cli/replay.js'
import { identity } from '../arbitraries/keys.js'
import { Chronicle, histories, morning, morningPast, usual } from '../model/chronicle.js'
import { complete, create, free, on, start } from '../model/desk.js'
import { all, batchOf, directories, nobody, pastOf } from '../model/past.js'

const at = (position: number): Moment => ({ _tag: 'Position', position })
const by = (instant: number): Moment => ({ _tag: 'Time', at: instant as Instant })
const plain = { from: undefined, until: undefined, json: false, columns: undefined }
const whole = { until: undefined, now: 100_000, json: false, columns: undefined }

const times = (line: string): string => line.replace(/\d{4}-\d\d-\d\dT[\d:.]{12}/g, (text) => String(new Date(text).getTime()))

// eslint-disable-next-line no-control-regex -- control characters are what must not be there
const unsafe = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

describe('peal journal', () => {
  it('tells who did what, and what came of it, under the names of then', () => {
    const { lines, failure } = all(told(morningPast(), plain))
    equal(failure, undefined)
    deepEqual(lines.map(times), [
      '1              1  the server             start 00112233aabbccdd, maxLists 7',
      '2              2  192.168.2.7:22000      register Me 192.168.2.7 22000: 200 done',
      '3              3  192.168.2.7:22000      register evil<U+202E>name 192.168.2.8 22002: 200 done',
      '4              4  192.168.2.7:22000      create friends: 200 done',
      '5              5  192.168.2.7:22000      join friends Me: 200 done',
      '6              6  Alice (aaaaaaaa)       register Alice: 200 done, at 192.168.2.7:22000',
      '7              7  Foo Bar (aaaaaaaa)     register "Foo Bar": 200 done, at 192.168.2.7:22000',
      '8              8  192.168.2.7:22000      im-start friends Me: 200 done; ring: Me > home',
      '9              9  Alice (aaaaaaaa)       join friends Alice: 463 an ongoing message keeps the membership as it is; try again when it is complete (friends: Me since 8)',
      '10             10  Foo Bar (aaaaaaaa)     create --closed club: 200 done',
      '11             11  Foo Bar (aaaaaaaa)     invite club Alice: 200 done',
      '12             65001  the operator           im-complete friends Me: 200 done',
      '13             65002  the server             Alice is at [2001:db8::7]:4000 now',
      '14             65003  Alice (aaaaaaaa)       exit Alice: 200 done',
    ])
  })

  it('tells of messages with grants: for whom, until when, and what ended them', () => {
    const desk = new Chronicle()
    for (const [n, contact] of ['Alice', 'Bob', 'Carol'].entries()) equal(desk.register(n, contact), 200)
    equal(desk.ask(0, create('l')), 200)
    for (const [n, contact] of ['Alice', 'Bob', 'Carol'].entries()) equal(desk.ask(n, on('Join', 'l', contact)), 200)
    const first = desk.granted(0, start('l'))
    equal(desk.completed(0, complete(first.im, [1])), 'recorded')
    equal(desk.completed(2, complete(first.im, [1, 2])), 'proof')
    const second = desk.granted(0, start('l', { size: 1, again: { root: first.im, to: [identity(2).id] } }))
    desk.now = second.until
    desk.give(self, server.wake)
    const lines = (from: number, json: boolean): ReadonlyArray<string> => all(told(pastOf(nobody(free), desk.records, usual), { ...plain, json })).lines.slice(from)
    const [one, two] = [first.im, second.im]
    deepEqual(lines(7, false).map(times), [
      `8              8  Alice (aaaaaaaa)       im-start l: 200 done; ${one}, 5 bytes to Bob > Carol, until ${first.until}`,
      `9              9  Alice (aaaaaaaa)       im-complete ${one}: 200 done; recorded`,
      `10             10  Carol (aaaaaaaa)       im-complete ${one}: 200 done; proof`,
      `11             11  Alice (aaaaaaaa)       im-start l: 200 done; ${two}, again ${one}, 1 byte to Carol, until ${second.until}`,
      `12             ${second.until + 1}  the server             time is over: l: Alice since 11`,
    ])
    const records = lines(7, true).map((line) => JSON.parse(line) as JournalLine)
    ok(records.every((record) => JournalLine.is(record)))
    deepEqual(records[3]?.grant, { im: two, root: one, no: 1, size: 1, path: ['Carol'], until: second.until })
    deepEqual([records[1]?.outcome, records[4]?.about, records[4]?.expired], ['recorded', { word: 'wake', args: [] }, [{ list: 'l', initiator: 'Alice', im: two, since: 11 }]])
    const then = all(shown(pastOf(nobody(free), desk.records, usual), { ...whole, until: at(11) })).lines.map(times)
    ok(then.some((line) => line.includes(`held by Alice since 11, for 0 ms, until ${second.until} at the latest`)), then.join(' | '))
  })

  it('tells of changes that waited: which list starts no message for them, and what came of them', () => {
    const desk = new Chronicle()
    for (const [n, contact] of ['Alice', 'Bob', 'Carol'].entries()) equal(desk.register(n, contact), 200)
    equal(desk.ask(0, create('l')), 200)
    for (const [n, contact] of ['Alice', 'Bob', 'Carol'].entries()) equal(desk.ask(n, on('Join', 'l', contact)), 200)
    const { im } = desk.granted(0, start('l'))
    equal(desk.ask(1, { _tag: 'Enqueue', change: { _tag: 'Leave', list: 'l' as ListName, contact: 'Bob' as ContactName } }), 200)
    equal(desk.ask(2, { _tag: 'Enqueue', change: { _tag: 'Exit', contact: 'Carol' as ContactName } }), 200)
    const [ticket = 0] = desk.state.queue.tickets.map(({ number }) => number)
    desk.now += limits.fenceAfterMs
    desk.give(self, server.wake)
    equal(desk.completed(0, complete(im, [1, 2])), 'proof')
    const lines = (json: boolean): ReadonlyArray<string> => all(told(pastOf(nobody(free), desk.records, usual), { ...plain, json })).lines.slice(-2)
    deepEqual(lines(false).map((line) => line.slice(line.indexOf('  ', 40)).trim()), [
      'looks at what waits; l starts no message until a change that waits is done',
      `im-complete ${im}: 200 done; proof; ticket ${ticket} of Bob, leave l Bob: 200 done; ticket ${ticket + 1} of Carol, exit Carol: 200 done; l starts messages again`,
    ])
    const [wake, end] = lines(true).map((line) => JSON.parse(line) as JournalLine)
    ok(JournalLine.is(wake) && JournalLine.is(end))
    deepEqual([wake.fenced, wake.opened, end.opened, end.served?.map(({ ticket: number, by: who, name }) => [number, who, name])], [['l'], undefined, ['l'], [[ticket, 'Bob', 'Done'], [ticket + 1, 'Carol', 'Done']]])
  })

  it('tells the same as JSON, with all that a line has no room for', () => {
    const { lines } = all(told(morningPast(), { ...plain, json: true }))
    const records = lines.map((line) => JSON.parse(line) as JournalLine)
    deepEqual(records[8], {
      v: 1, position: 9, at: 9,
      by: { _tag: 'Key', key: identity(0).seals, contact: 'Alice', fingerprint: fingerprint(identity(0).id) },
      about: { word: 'join', args: ['friends', 'Alice'] },
      request: { boot: 6, seq: 1 },
      code: 463, name: 'Ongoing', sentence: classic.codes.Ongoing.sentence,
      held: [{ list: 'friends', initiator: 'Me', since: 8 }],
    })
    deepEqual([records[0]?.settings?.maxLists, records[0]?.changed, records[5]?.boot, records[5]?.place?.port], [7, ['maxLists'], 6, 22000])
    deepEqual(records[7]?.members, [{ name: 'Me', ip: '192.168.2.7', port: 22000 }])
    deepEqual(records.slice(11).map(({ by: { _tag }, about: { word, args } }) => [_tag, word, ...args]), [
      ['Operator', 'im-complete', 'friends', 'Me'], ['Self', 'moved', 'Alice', '2001:db8::7', '4000'], ['Key', 'exit', 'Alice'],
    ])
  })

  it('tells each record of any history in one safe line, and as one object of its codec', () => {
    fc.assert(fc.property(histories(), ({ first, records, keeping }) => {
      const past = pastOf(first, records, keeping)
      const lines = all(told(past, plain)).lines
      equal(lines.length, records.length)
      for (const [i, line] of lines.entries()) ok(!unsafe.test(line) && line.startsWith(`${i + 1} `), line)
      const objects = all(told(past, { ...plain, json: true })).lines
      for (const [i, text] of objects.entries()) {
        const line: unknown = JSON.parse(text)
        ok(!unsafe.test(text) && JournalLine.is(line) && line.position === i + 1, text)
        deepEqual(JournalLine.encode(line), line)
      }
    }), { numRuns: 200 })
  })

  it('begins and ends where it is told to, both included', () => {
    const moment = fc.nat(45).chain((n) => fc.constantFrom(at(n), by(n)))
    fc.assert(fc.property(histories(), moment, moment, ({ first, records, keeping }, from, until) => {
      const past = pastOf(first, records, keeping)
      const has = (line: JournalLine): boolean =>
        (from._tag === 'Time' ? line.at >= from.at : line.position >= from.position) && (until._tag === 'Time' ? line.at <= until.at : line.position <= until.position)
      const { lines, failure } = all(told(past, { ...plain, json: true, from, until }))
      const isKept = from._tag === 'Time' || from.position > 0
      deepEqual(lines, isKept ? all(told(past, { ...plain, json: true })).lines.filter((line) => has(JSON.parse(line) as JournalLine)) : [])
      const isThere = [from, until].every((each) => each._tag === 'Time' || each.position <= records.length)
      if (isKept && isThere) equal(failure, undefined)
    }), { numRuns: 300 })
  })

  it('says which moments it has where one is asked for that it has not', () => {
    const past = morningPast()
    const of = (from: Moment | undefined, until: Moment | undefined): unknown => {
      const { lines, failure } = all(told(past, { ...plain, from, until }))
      return [lines.length, failure?.exit.code, times(failure?.sentence ?? '')]
    }
    deepEqual(of(at(0), undefined), [0, 64, 'nothing is kept of before position 0: choose that, or later'])
    deepEqual(of(at(15), undefined), [0, 64, 'the journal ends at position 14, of 65003'])
    deepEqual(of(at(12), at(15)), [3, 64, 'the journal ends at position 14, of 65003'])
    deepEqual(of(at(14), at(14)), [1, undefined, ''])
    deepEqual(of(by(70_000), undefined), [0, undefined, ''])
    const later = pastOf(directories(nobody(free), morning().records)[6] as server.Directory, morning().records.slice(6), usual)
    for (const from of [at(6), by(5)]) {
      const { failure } = all(told(later, { ...plain, from }))
      equal(times(failure?.sentence ?? ''), 'nothing is kept of before position 6, of 6: choose that, or later')
    }
  })

  it('stops at damage, having told what was before it', () => {
    const { records } = morning()
    const damage = { _tag: 'Damaged', sentence: 'bits' } as const
    const torn = morningPast({ *batches() {
      yield right(batchOf(records.slice(0, 3), 3))
      yield left(damage)
      yield right(batchOf(records.slice(3), 14))
    } })
    const { lines, failure } = all(told(torn, plain))
    deepEqual([lines.length, failure], [3, { sentence: 'bits', exit: exitCodes.damaged }])
    const gap = morningPast({ *batches() {
      yield right(batchOf(records.slice(7), 7))
    } })
    const missed = all(told(gap, plain))
    deepEqual([missed.lines, missed.failure?.exit], [[], exitCodes.damaged])
    match(missed.failure?.sentence ?? '', /^past: the record at position 1 does not follow from those before it: .*Keep the folder as it is/)
  })

  it('folds nothing by other rules than it was written by, and says what can be seen', () => {
    const { records } = morning()
    const older = morningPast({ *batches(after: number) {
      if (after === 0) yield right({ ...batchOf(records.slice(0, 3), 3), rules: 0 })
      else yield right(batchOf(records.slice(after), 14))
    } })
    const { lines, failure } = all(told(older, plain))
    deepEqual([lines, failure?.exit], [[], exitCodes.damaged])
    match(failure?.sentence ?? '', /^past: what follows position 0 was written by another version .* or choose position 7 or later$/)
    equal(all(told(older, { ...plain, from: at(7) })).lines.length, 8)
  })
})

describe('peal replay', () => {
  it('shows who held which list at any moment, and what else there was', () => {
    const { lines } = all(shown(morningPast(), { ...whole, until: by(60_000) }))
    deepEqual(lines.map(times), [
      'the directory at position 11, of 11, seen from 60000',
      '',
      '4 contacts',
      '  Me                192.168.2.7:22000  classic, without a key',
      '  evil<U+202E>name  192.168.2.8:22002  classic, without a key',
      `  Alice             192.168.2.7:22000  ${fingerprint(identity(0).id)}`,
      `  "Foo Bar"         192.168.2.7:22000  ${fingerprint(identity(1).id)}`,
      '',
      '2 lists',
      '  friends  open, without an owner; 1 member: Me; held by 1 ongoing message',
      '  club     closed, owned by "Foo Bar"; no members; 1 guest: Alice',
      '',
      '1 ongoing message',
      '  friends  held by Me since 8, for 59 s',
    ])
    deepEqual(all(shown(morningPast(), { ...whole, until: undefined })).lines.map(times).at(-1), 'no ongoing messages')
  })

  it('shows the directory behind the last record that is not later, of any history at any moment', () => {
    fc.assert(fc.property(histories(), fc.nat(45), ({ first, records, keeping }, n) => {
      const past = pastOf(first, records, keeping)
      const known = directories(first, records)
      const then = all(shown(past, { ...whole, json: true, until: by(n) }))
      const last = known.findLast(({ state }) => state.at <= n)
      ok(last !== undefined && then.failure === undefined)
      const objects = then.lines.map((line) => JSON.parse(line) as ReplayLine)
      ok(objects.every(ReplayLine.is))
      const { contacts, lists } = last.state
      deepEqual(objects.flatMap((line) => (line._tag === 'Contact' ? [line.name] : [])), roll.names(contacts))
      deepEqual(objects.flatMap((line) => (line._tag === 'List' ? [[line.name, ...line.members]] : [])), roll.values(lists).map((list) => [list.name, ...server.membersOf(list).map(({ name }) => name)]))
      const ongoing = objects.flatMap((line) => (line._tag === 'Ongoing' ? [line] : []))
      deepEqual(ongoing.map(({ im }) => im), roll.values(lists).flatMap(({ ims }) => ims.map(({ id }) => id)).sort((a, b) => a - b))
      for (const { since, ms } of ongoing) equal(since + ms, n)
      const there = all(shown(past, { ...whole, until: at(n) }))
      const directory = known[n]
      if (directory === undefined) equal(there.failure?.exit.code, 64)
      else deepEqual(there.lines, [...described(directory, directory.state.at, undefined)])
      for (const line of there.lines) ok(!unsafe.test(line))
      deepEqual(all(shown(past, whole)).lines, [...described(known.at(-1) ?? first, whole.now, undefined)])
    }), { numRuns: 200 })
  })

  it('shows the message first that has been ongoing for longest', () => {
    const desk = new Chronicle()
    for (const asked of ['register Me 192.168.2.7 22000', 'create a', 'create b', 'join a Me', 'join b Me', 'im-start b Me', 'im-start a Me', 'im-start b Me'])
      equal(desk.classic(asked).slice(0, 3), '200')
    const { lines } = all(shown(pastOf(nobody(free), desk.records, usual), { ...whole, now: 1008 }))
    deepEqual(lines.slice(-3).map(times), ['  b  held by Me since 6, for 1 s', '  a  held by Me since 7, for 1 s', '  b  held by Me since 8, for 1 s'])
  })

  it('begins with the newest snapshot that is not later', () => {
    const begun: number[] = []
    const { batches } = morningPast()
    const past = morningPast({ batches: (after: number) => {
      begun.push(after)
      return batches(after)
    } })
    for (const until of [at(5), at(6), at(11), at(12), at(14), by(5), by(6), by(64_999), by(65_001), undefined]) all(shown(past, { ...whole, until }))
    deepEqual(begun, [0, 6, 6, 12, 12, 0, 6, 6, 12, 12])
  })

  it('says which moments it has where one is asked for that it has not', () => {
    const of = (until: Moment): unknown => {
      const { lines, failure } = all(shown(morningPast(), { ...whole, until }))
      return [lines, failure?.exit.code, times(failure?.sentence ?? '')]
    }
    deepEqual(of(at(15)), [[], 64, 'the journal ends at position 14, of 65003'])
    deepEqual(all(shown(morningPast(), { ...whole, until: at(0) })).lines[0], 'the directory at position 0')
  })
})
