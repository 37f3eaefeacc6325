// Whom a peer's channel takes for a neighbour, and for how long.
import { deepEqual } from 'node:assert/strict'
import { delivery, diary, peer, pins, roll, type ContactName, type Digest, type ListName, type PublicKey, type sealed } from '../../core/index.js'
import { introductions } from '../../shell/introductions.js'
import { box } from '../model/box.js'
import { nonce } from '../model/client.js'

const keyOf = (name: string): PublicKey => box(name).own.seals
const own = keyOf('alice')

const ring = (names: ReadonlyArray<string>): sealed.Ring => ({
  list: 'l' as ListName, epoch: 1, members: names.map((name) => ({ _tag: 'Keyed' as const, name: name as ContactName, signs: box(name).own.signs, seals: keyOf(name) })),
})

const state = peer.sealed.initial({ nonce, seed: 1, pins: pins.none, diary: diary.empty })

/** With these rings known. */
const knowing = (...rings: ReadonlyArray<ReadonlyArray<string>>): peer.sealed.State => ({
  ...state,
  courier: { ...delivery.initial(1), rings: rings.reduce((all, names, n) => roll.set(all, String(n) as Digest, ring(names)), roll.empty<Digest, sealed.Ring>()) },
})

describe('the neighbours of a peer', () => {
  it('are the members of the rings that it knows, once each, and none any more who is on none of them', () => {
    const told: string[] = []
    const nameOf = (key: PublicKey): string => ['alice', 'bob', 'carol', 'dave'].find((name) => keyOf(name) === key) ?? '?'
    const look = introductions(() => ({ bind: (key) => told.push(`+${nameOf(key)}`), part: (key) => told.push(`-${nameOf(key)}`) }), own)
    const seen = (next: peer.sealed.State): ReadonlyArray<string> => {
      look(next)
      look(next)
      return told.splice(0)
    }
    deepEqual(seen(knowing()), [])
    deepEqual(seen(knowing(['alice', 'bob'], ['bob', 'carol', 'alice'])), ['+bob', '+carol'])
    deepEqual(seen(knowing(['bob', 'dave', 'alice'])), ['-carol', '+dave'])
    deepEqual(seen(knowing(['carol', 'alice'])), ['-bob', '-dave', '+carol'])
    deepEqual(seen(knowing()), ['-carol'])
  })
})
