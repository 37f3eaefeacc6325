// The frames of the sealed wire: what is encoded decodes to the same, what is accepted encodes to the same bytes, everything else is told
// apart without a throw.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import { encodeUtf8, limits, sealed, type ContactId, type ContactName, type Digest, type ImId, type ListName, type Malformed, type Nonce, type ProcessId, type PublicKey, type Instant, type Host, type Port, type Signature, type Tag } from '../../core/index.js'
import { answer, frame, hostileAnswer, hostileFrame } from '../arbitraries/frames.js'

const most = limits.sealedDatagramBytes - limits.recordBytes
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

/** Either the one value with these bytes, or a place within them and words. */
const isTotal = <A>(bytes: Uint8Array, decoded: Either<Malformed, A>, encode: (value: A) => Uint8Array): void => {
  if (isRight(decoded)) return deepEqual(encode(decoded.right), bytes)
  ok(decoded.left.expected.length > 0)
  ok(decoded.left.at >= 0 && decoded.left.at <= bytes.length, `${decoded.left.at} of ${bytes.length}: ${decoded.left.expected}`)
}

const refusal = (bytes: Uint8Array): readonly [number, string] | undefined => {
  const decoded = sealed.decodeFrame(bytes)
  return isLeft(decoded) ? [decoded.left.at, decoded.left.expected] : undefined
}

const me = 'Me' as ContactName
const list = 'l' as ListName
const at = 0x0102_0304_0506 as Instant
const process = '0011223344556677' as ProcessId
const key = (digits: string): PublicKey => digits.repeat(32) as PublicKey
const im = '0011223344556677000000000001' as ImId
const digestOf = (digits: string): Digest => digits.repeat(32) as Digest
const part: sealed.Part = { index: 0, count: 1, bytes: Uint8Array.of(0xaa, 0xbb) }

describe('UTF-8, written', () => {
  it('is what the platform writes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom('', '\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}', '\ud800', '\udc00', '\udc00\ud800'), (text, odd) => {
      deepEqual(encodeUtf8(`${text}${odd}${text}`), new TextEncoder().encode(`${text}${odd}${text}`))
    }), { numRuns: 5000 })
  })
})

describe('frames', () => {
  it('decode to what was encoded', () => {
    fc.assert(fc.property(frame(), (sent) => deepEqual(sealed.decodeFrame(sealed.encodeFrame(sent)), { _tag: 'Right', right: sent })), { numRuns: 10_000 })
  })

  it('lie in bytes as the protocol says', () => {
    const request = (order: sealed.Order): sealed.Frame => ({ _tag: 'Request', boot: 5, seq: 6, have: 0x0102n, order })
    const asked = '01 000000000005 00000006 0000000000000102'
    const onBoth = '01 6c 02 4d65'
    const rows: ReadonlyArray<readonly [sealed.Frame, string]> = [
      [request({ _tag: 'Register', contact: me, signs: key('0a'), proof: '0b'.repeat(64), nonce: '0c'.repeat(16) as Nonce }), `${asked} 01 02 4d65 ${'0a'.repeat(32)} ${'0b'.repeat(64)} ${'0c'.repeat(16)}`],
      [request({ _tag: 'Create', list, policy: 'open' }), `${asked} 02 01 6c 00`],
      [request({ _tag: 'Create', list, policy: 'sealed' }), `${asked} 02 01 6c 01`],
      [request({ _tag: 'Create', list, policy: 'closed' }), `${asked} 02 01 6c 02`],
      [request({ _tag: 'Delete', list }), `${asked} 03 01 6c`],
      [request({ _tag: 'QueryLists' }), `${asked} 04`],
      [request({ _tag: 'Members', list }), `${asked} 05 01 6c`],
      [request({ _tag: 'Invite', list, contact: me }), `${asked} 06 ${onBoth}`],
      [request({ _tag: 'Join', list, contact: me }), `${asked} 07 ${onBoth}`],
      [request({ _tag: 'Leave', list, contact: me }), `${asked} 08 ${onBoth}`],
      [request({ _tag: 'Exit', contact: me }), `${asked} 09 02 4d65`],
      [request({ _tag: 'ImStart', list, commit: digestOf('0d'), size: 5, patience: 'once', again: null }), `${asked} 0a 01 6c ${'0d'.repeat(32)} 00000005 01 00`],
      [
        request({ _tag: 'ImStart', list, commit: digestOf('0d'), size: 5, patience: 'thrice', again: { root: im, to: [key('0e') as string as ContactId] } }),
        `${asked} 0a 01 6c ${'0d'.repeat(32)} 00000005 03 01 ${im} 01 ${'0e'.repeat(32)}`,
      ],
      [request({ _tag: 'ImComplete', im, stored: [0, 9], closed: [], tag: '0f'.repeat(16) as Tag }), `${asked} 0b ${im} 02 0102 00 ${'0f'.repeat(16)}`],
      [request({ _tag: 'Suspect', id: key('0e') as string as ContactId }), `${asked} 14 ${'0e'.repeat(32)}`],
      [request({ _tag: 'Where', list, ids: [] }), `${asked} 15 01 6c 00`],
      [request({ _tag: 'Where', list, ids: [key('0e') as string as ContactId] }), `${asked} 15 01 6c 01 ${'0e'.repeat(32)}`],
      [request({ _tag: 'Release', list, contact: me }), `${asked} 0e ${onBoth}`],
      [request({ _tag: 'Save', file: 'é' }), `${asked} 0c 02 c3a9`],
      [request({ _tag: 'Forget', contact: me }), `${asked} 0d 02 4d65`],
      [request({ _tag: 'Enqueue', change: { _tag: 'Join', list, contact: me } }), `${asked} 0f 07 ${onBoth}`],
      [request({ _tag: 'Enqueue', change: { _tag: 'Leave', list, contact: me } }), `${asked} 0f 08 ${onBoth}`],
      [request({ _tag: 'Enqueue', change: { _tag: 'Exit', contact: me } }), `${asked} 0f 09 02 4d65`],
      [request({ _tag: 'Withdraw', ticket: 7 }), `${asked} 10 000000000007`],
      [request({ _tag: 'Ticket', ticket: 7 }), `${asked} 11 000000000007`],
      [request({ _tag: 'Locks', list: null, contact: null }), `${asked} 12 00 00`],
      [request({ _tag: 'Locks', list, contact: me }), `${asked} 12 01 01 6c 01 02 4d65`],
      [request({ _tag: 'Unlock', list }), `${asked} 13 01 6c`],
      [{ _tag: 'Reply', boot: 5, seq: 6, at, process, part }, '02 000000000005 00000006 010203040506 0011223344556677 00 01 0002 aabb'],
      [{ _tag: 'Ping', echo: process }, '05 0011223344556677'],
      [{ _tag: 'Pong', echo: process, clock: undefined }, '06 0011223344556677 00'],
      [{ _tag: 'Pong', echo: process, clock: { at, process } }, '06 0011223344556677 01 010203040506 0011223344556677'],
      [{ _tag: 'Superseded' }, '07'],
      [{ _tag: 'Relay', im, kind: 'ring', head: Uint8Array.of(0xcc), part }, `08 ${im} 00 01 cc 00 01 0002 aabb`],
      [{ _tag: 'Relay', im, kind: 'direct', head: new Uint8Array(), part }, `08 ${im} 01 00 00 01 0002 aabb`],
      [{ _tag: 'Relay', im, kind: 'home', head: new Uint8Array(), part }, `08 ${im} 02 00 00 01 0002 aabb`],
      ...(['stored', 'have', 'busy', 'late', 'closed', 'refused', 'part'] as const).map((status, code) =>
        [{ _tag: 'Ack', im, kind: 'direct', status, have: 3n, receipts: undefined }, `09 ${im} 01 0${code} 0000000000000003 00`] as const),
      [
        { _tag: 'Ack', im, kind: 'ring', status: 'stored', have: 3n, receipts: { initiator: '01'.repeat(16) as Tag, server: '02'.repeat(16) as Tag } },
        `09 ${im} 00 00 0000000000000003 01 ${'01'.repeat(16)} ${'02'.repeat(16)}`,
      ],
      [{ _tag: 'RingWanted', ring: digestOf('0d'), have: 3n }, `0a ${'0d'.repeat(32)} 0000000000000003`],
      [{ _tag: 'RingTold', ring: digestOf('0d'), part }, `0b ${'0d'.repeat(32)} 00 01 0002 aabb`],
      [{ _tag: 'MissedNone', list, from: 3, to: 2 ** 48 - 1 }, '0e 01 6c 000000000003 ffffffffffff'],
      [{ _tag: 'Knock', list, by: key('0e'), ip: '10.0.0.1' as Host, port: 22000 as Port }, `0d 01 6c ${'0e'.repeat(32)} 08 31302e302e302e31 55f0`],
    ]
    for (const [value, hex] of rows) {
      const unpadded = hex.replaceAll(' ', '')
      equal(hexOf(sealed.encodeFrame(value)), unpadded.padEnd(Math.ceil(unpadded.length / 32) * 32, '0'))
    }
  })

  it('are refused, or have no other bytes than those that came, whatever comes', () => {
    fc.assert(fc.property(hostileFrame(), (bytes) => isTotal(bytes, sealed.decodeFrame(bytes), sealed.encodeFrame)), { numRuns: 50_000 })
  })

  it('are met in every kind among hostile bytes, and refused among them', () => {
    const met = new Map<string, number>(['Request', 'Reply', 'Ping', 'Pong', 'Superseded', 'Relay', 'Ack', 'RingWanted', 'RingTold', 'MissedNone', 'Knock', 'Malformed'].map((kind) => [kind, 0]))
    for (const bytes of fc.sample(hostileFrame(), 3000)) {
      const decoded = sealed.decodeFrame(bytes)
      const kind = isLeft(decoded) ? 'Malformed' : decoded.right._tag
      met.set(kind, (met.get(kind) ?? 0) + 1)
    }
    deepEqual([...met].filter(([, count]) => count === 0), [])
  })

  it('are refused when they end too soon, at whatever byte, and when they go on', () => {
    fc.assert(fc.property(frame(), fc.nat(255), (sent, more) => {
      const whole = sealed.encodeFrame(sent)
      for (let end = 0; end < whole.length; end++) ok(isLeft(sealed.decodeFrame(whole.subarray(0, end))), `${end} of ${whole.length} bytes`)
      ok(isLeft(sealed.decodeFrame(Uint8Array.from([...whole, more]))))
      ok(isLeft(sealed.decodeFrame(Uint8Array.from([...whole, ...new Uint8Array(16)]))))
    }), { numRuns: 300 })
  })

  it('say where they are wrong and what was expected there', () => {
    const ping = `05 ${process}`
    const request = '01 000000000005 00000006 0000000000000000'
    const reply = `02 000000000005 00000006 010203040506 ${process}`
    deepEqual(refusal(bytesOf('')), [0, '1 or more bytes'])
    deepEqual(refusal(bytesOf('03')), [0, 'the kind of a frame'])
    deepEqual(refusal(bytesOf('05 0011')), [3, '6 or more bytes'])
    deepEqual(refusal(bytesOf(ping)), [9, 'zero bytes'])
    deepEqual(refusal(bytesOf(`${ping} 00000000000001`)), [15, 'zero bytes'])
    deepEqual(refusal(bytesOf(`${ping} 00000000000000 00`)), [16, 'the end'])
    deepEqual(refusal(bytesOf(`06 ${process} 02`)), [9, '0 or 1'])
    deepEqual(refusal(bytesOf(`${request} 1f`)), [19, 'a verb'])
    deepEqual(refusal(bytesOf(`${request} 02 016c 03`)), [22, 'a policy'])
    equal(refusal(bytesOf(`${request} 07 0161 032d5f2d`))?.[0], 22)
    equal(refusal(bytesOf(`${request} 09 032d5f2d`))?.[0], 20)
    deepEqual(refusal(bytesOf(`${request} 0c 02 61c3`)), [22, 'UTF-8'])
    deepEqual(refusal(bytesOf(`${request} 0c 01 c3a9`)), [21, 'UTF-8'])
    deepEqual(refusal(bytesOf(`09 ${im} 03`)), [15, 'the kind of a relay'])
    deepEqual(refusal(bytesOf(`09 ${im} 00 07`)), [16, 'the status of an ack'])
    deepEqual(refusal(bytesOf(`08 ${im} 04`)), [15, 'the kind of a relay'])
    deepEqual(refusal(bytesOf(`08 ${im} 00 7c ${'00'.repeat(200)}`)), [16, 'at most 123 bytes'])
    deepEqual(refusal(bytesOf(`${reply} 00 01 0401 ${'00'.repeat(1025)}`)), [27, 'at most 1024 bytes'])
    for (const wrong of ['00 00 0000', '01 01 0001 aa', '00 41 0001 aa', '00 02 0001 aa', '01 02 0000']) {
      equal(refusal(bytesOf(`${reply} ${wrong}`))?.[0], 25, wrong)
    }
  })

  it('fit a datagram, at their longest exactly', () => {
    const name = 'Ω'.repeat(127) + 'x'
    const full: sealed.Part = { index: 63, count: 64, bytes: new Uint8Array(limits.partBytes) }
    const longest: ReadonlyArray<sealed.Frame> = [
      { _tag: 'Request', boot: 0, seq: 0, have: 0n, order: { _tag: 'Register', contact: name as ContactName, signs: key('00'), proof: '00'.repeat(64), nonce: '00'.repeat(16) as Nonce } },
      { _tag: 'Request', boot: 0, seq: 0, have: 0n, order: { _tag: 'Join', list: name as ListName, contact: name as ContactName } },
      { _tag: 'Reply', boot: 0, seq: 0, at, process, part: full },
      { _tag: 'Relay', im, kind: 'ring', head: new Uint8Array(limits.relayHeadBytes), part: full },
    ]
    deepEqual(longest.map((value) => sealed.encodeFrame(value).length), [400, 544, 1056, most])
    fc.assert(fc.property(frame(), (value) => ok(sealed.encodeFrame(value).length <= most)), { numRuns: 3000 })
  })

  it('keep of a file name what fits, in whole characters', () => {
    const request = (file: string): sealed.Frame => ({ _tag: 'Request', boot: 0, seq: 0, have: 0n, order: { _tag: 'Save', file } })
    for (const [written, read] of [['a'.repeat(256), 'a'.repeat(255)], ['Ω'.repeat(128), 'Ω'.repeat(127)], ['🔔'.repeat(64), '🔔'.repeat(63)]] as const) {
      deepEqual(sealed.decodeFrame(sealed.encodeFrame(request(written))), { _tag: 'Right', right: request(read) })
    }
  })
})

describe('answers', () => {
  it('decode to what was encoded', () => {
    fc.assert(fc.property(answer(), (sent) => deepEqual(sealed.decodeAnswer(sealed.encodeAnswer(sent)), { _tag: 'Right', right: sent })), { numRuns: 5000 })
  })

  it('lie in bytes as the protocol says', () => {
    const address = { ip: '::1' as Host, port: 22_000 as Port }
    const keys = { id: key('01') as string as ContactId, signs: key('02'), seals: key('03') }
    const row = '02 4d65 03 3a3a31 55f0'
    const rows: ReadonlyArray<readonly [sealed.AnswerBody, string]> = [
      [{ _tag: 'Nothing' }, '00'],
      [{ _tag: 'Lists', names: [list, list] }, '01 0002 016c 016c'],
      [
        { _tag: 'Granted', grant: { im, root: im, list, no: 1, epoch: 2, ring: digestOf('04'), initiator: 3, path: [0, 1], commit: digestOf('05'), size: 6, until: at }, signature: '06'.repeat(64) as Signature },
        `02 ${im} ${im} 01 6c 000000000001 000000000002 ${'04'.repeat(32)} 0003 01 03 ${'05'.repeat(32)} 00000006 010203040506 ${'06'.repeat(64)}`,
      ],
      ...(['recorded', 'proof', 'expired', 'forced'] as const).map((outcome, i) => [{ _tag: 'Ended', outcome }, `05 0${i}`] as const),
      [{ _tag: 'Members', owner: undefined, policy: 'open', members: [] }, '03 00 00 0000'],
      [
        {
          _tag: 'Members',
          owner: me,
          policy: 'closed',
          members: [...(['alive', 'suspect', 'away'] as const).map((presence) => ({ name: me, ...address, presence, keys })), { name: me, ...address, presence: 'classic', keys: undefined }],
        },
        `03 01 02 4d65 02 0004 ${['00', '01', '02'].map((presence) => `${row} ${presence} 01 ${'01'.repeat(32)} ${'02'.repeat(32)} ${'03'.repeat(32)}`).join(' ')} ${row} 03 00`,
      ],
      [{ _tag: 'Registered', boot: 7 }, '04 000000000007'],
      [{ _tag: 'Queued', ticket: 7, place: 1, opens: undefined }, '06 000000000007 0001 00'],
      [{ _tag: 'Queued', ticket: 7, place: 1, opens: at }, '06 000000000007 0001 01 010203040506'],
      [{ _tag: 'Served', code: 463 }, '07 01cf'],
      [{ _tag: 'Opens', at: undefined }, '08 00'],
      [{ _tag: 'Opens', at }, '08 01 010203040506'],
      [
        {
          _tag: 'Locks',
          locks: [{ list, im, initiator: me, since: at, ends: at, waits: [me] }, { list, im: undefined, initiator: me, since: at, ends: undefined, waits: [] }],
          tickets: [{ ticket: 7, by: me, change: { _tag: 'Exit', contact: me }, since: at, fenced: at, waits: [list] }],
          expired: [{ list, im: undefined, initiator: me, since: at, ended: at }],
        },
        `09 0002 01 6c 01 ${im} 02 4d65 010203040506 01 010203040506 01 02 4d65 01 6c 00 02 4d65 010203040506 00 00`
          + ' 0001 000000000007 02 4d65 09 02 4d65 010203040506 01 010203040506 01 01 6c 01 01 6c 00 02 4d65 010203040506 010203040506',
      ],
      [{ _tag: 'OldestLocks', locks: [], tickets: [], expired: [], behind: { locks: 7, tickets: 258 } }, '0a 0000 0000 00 00000007 00000102'],
    ]
    for (const [value, hex] of rows) equal(hexOf(sealed.encodeAnswer({ code: 200, body: value })), `00c8${hex.replaceAll(' ', '')}`)
  })

  it('are refused, or have no other bytes than those that came, whatever comes', () => {
    fc.assert(fc.property(hostileAnswer(), (bytes) => isTotal(bytes, sealed.decodeAnswer(bytes), sealed.encodeAnswer)), { numRuns: 30_000 })
  })

  it('are refused when they end too soon, at whatever byte, and when they go on', () => {
    fc.assert(fc.property(answer(), (sent) => {
      const whole = sealed.encodeAnswer(sent)
      for (let end = 0; end < whole.length; end++) ok(isLeft(sealed.decodeAnswer(whole.subarray(0, end))), `${end} of ${whole.length} bytes`)
      ok(isLeft(sealed.decodeAnswer(Uint8Array.from([...whole, 0]))))
    }), { numRuns: 300 })
  })
})

describe('the proof that a contact signs', () => {
  it('is of its key, for this server', () => {
    equal(hexOf(sealed.proofOf(key('01'), key('02') as string as ContactId)), `${Buffer.from('peal contact 1').toString('hex')}${'01'.repeat(32)}${'02'.repeat(32)}`)
  })
})
