// What somebody with a key of his own can do, and what must not happen to him.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { channel, limits, self, showAddress, trie, type Instant } from '../../core/index.js'
import { arrival, Line } from '../model/line.js'
import { fair } from '../model/link.js'
import { acquainted, boxed, lineOf, request, seqs, type SealedEnd } from '../model/pair.js'

const elsewhere = { ip: '203.0.113.9', port: 7 }

const kinds = ({ delivered }: SealedEnd): ReadonlyArray<string> => delivered.map(({ frame }) => frame._tag)

describe('who becomes a contact', () => {
  it('keeps the other session that the same process has', () => {
    const line = lineOf(fair, 30)
    line.send(0, 1, request(1))
    line.pass(10)
    line.send(0, 1, request(2), true)
    line.pass(10)
    equal(trie.leaves(line.end(1).state.slots).length, 2)
    line.give(line.end(1), { _tag: 'Bind', key: line.end(0).key, via: line.end(1).delivered.at(-1)?.via })
    line.pass(10)
    equal(trie.leaves(line.end(1).state.slots).length, 2)
    ok(!kinds(line.end(0)).includes('Superseded'))
  })

  it('is told nothing under a session that is over', () => {
    const line = acquainted(lineOf(fair, 31))
    line.pass(limits.rejectAfterMs)
    const before = line.sent.length
    line.give(line.end(1), { _tag: 'Bind', key: line.end(0).key, via: undefined })
    equal(line.sent.length, before)
    equal(trie.leaves(line.end(1).state.slots).length, 0)
  })
})
