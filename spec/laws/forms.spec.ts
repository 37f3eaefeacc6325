// What is written to disk, and the version that it is written as. A program reads a value with a field that it does not know as if the field were not
// there, and calls a record of an unknown kind damaged; so whatever is written otherwise must be of another version, which is refused as such.
import { deepEqual, equal, match } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type * as t from 'io-ts'
import { diary, self, server } from '../../core/index.js'
import { formOf, misfit } from '../../shell/stores/form.js'
import { about, complete, free, on, start, village } from '../model/desk.js'
import { Stage } from '../stories/stage.js'

type Codec = t.Any & { readonly _tag?: string; readonly type?: Codec; readonly types?: ReadonlyArray<Codec>; readonly props?: Readonly<Record<string, Codec>>; readonly keys?: object; readonly value?: unknown }

/** What a codec takes, in words: kinds, fields and literals, and the names of what is only refined. */
const shapeOf = (codec: Codec): string => {
  const { _tag, type, types, props, keys, value, name } = codec
  const inner = [type, ...(types ?? [])].flatMap((one) => (one === undefined ? [] : [shapeOf(one)]))
  const fields = Object.entries(props ?? {}).map(([field, one]) => `${field}: ${shapeOf(one)}`)
  if (_tag === 'LiteralType') return JSON.stringify(value)
  if (_tag === 'KeyofType') return `one of ${Object.keys(keys ?? {}).sort().join(' ')}`
  if (_tag === 'RefinementType' || (inner.length === 0 && fields.length === 0)) return name
  return `${_tag ?? name}(${[...inner, ...fields].join(', ')})`
}

/** Of a value: the kinds of its fields, of an array all that its entries are. */
const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return `[${[...new Set(value.map(kindOf))].sort().join(' | ')}]`
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const { _tag } = value as { readonly _tag?: unknown }
  return `{${typeof _tag === 'string' ? `${_tag}: ` : ''}${Object.entries(value).map(([field, one]) => `${field} ${kindOf(one)}`).sort().join(', ')}}`
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

const partsOf = (parts: ReadonlyArray<() => unknown>): string => kindOf(parts.map((part) => JSON.parse(JSON.stringify(part())) as unknown))

/** A directory in which something of everything is. */
const directory = (): server.Directory => {
  const stage = village()
  const { im } = stage.granted(1, start('l'))
  equal(stage.completed(1, complete(im, [0, 2])), 'proof')
  for (const n of [1, 2]) stage.now = Math.max(stage.now, stage.granted(n, start('l')).until)
  stage.give(self, server.wake)
  equal(stage.ask(2, about('Exit', 'Mallory')), 200)
  stage.granted(1, start('l'))
  equal(stage.ask(0, { _tag: 'Enqueue', change: on('Leave', 'l', 'Alice') as never }), 200)
  stage.now += 3000
  stage.give(self, server.wake)
  return server.directory(stage.state, free)
}

/** Diaries of two members, in which something of everything is. */
const diaries = (): ReadonlyArray<diary.Diary> => {
  const stage = new Stage('alice', 'bob')
  stage.sends('alice', 'hello')
  stage.flow()
  for (const name of ['alice', 'bob']) {
    stage.mutes(name)
    stage.member(name).give(stage.now, { _tag: 'CatchUp', list: 'list' as never, on: false })
    stage.leaves(name)
  }
  return ['alice', 'bob'].map((name) => stage.member(name).kept)
}

// Whoever changes what is written gives it another version, and takes these figures anew.
const written = {
  directory: { version: 5, record: '6a82faaf66c71727', parts: '9543aa4978899389' },
  diary: { version: 3, record: '6022f92fc7cf7cf6', parts: '0ad9b4513954cd7e' },
}

describe('what is written', () => {
  it('is of another version where it is another', () => {
    const { version, record, parts } = server.ledger(server.defaults)
    deepEqual({ version, record: digest(shapeOf(record)), parts: digest(partsOf(parts(directory()))) }, written.directory)
    const { ledger } = diary
    deepEqual({ version: ledger.version, record: digest(shapeOf(ledger.record)), parts: digest(diaries().map((one) => partsOf(ledger.parts(one))).join()) }, written.diary)
  })

  it('is refused by a program of an earlier version, by a sentence that says what to do, and not called damaged', () => {
    const first = { ...diary.ledger, version: 1 }
    const why = misfit(first, 'snapshot-5.jsonl', formOf(diary.ledger))
    equal(why?._tag, 'Newer')
    match(why.sentence, /written by a newer version of this program: it has the form 1\.3, and this program reads and writes 1\.1\. Take a program of the form 1\.3; peal peer --help says/)
    equal(misfit(diary.ledger, 'snapshot-5.jsonl', formOf(first))?._tag, 'Older')
    match(String(misfit({ ...server.ledger(server.defaults), version: 99 }, 'x', formOf({ version: 4 }))?.sentence), /peal server --help says/)
  })
})
