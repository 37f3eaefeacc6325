// Rings, envelopes and trails, and bytes made to break their decoders.
import fc from 'fast-check'
import type { sealed} from '../../core/index.js';
import { limits, PublicKey, Signature, Tag } from '../../core/index.js'
import { grant } from './frames.js'
import { address, anyContactName, anyListName, record } from './names.js'

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Array.from(all, (byte) => byte.toString(16).padStart(2, '0')).join(''))

const key = (): fc.Arbitrary<PublicKey> => hex(32).filter(PublicKey.is)
const tag = (): fc.Arbitrary<Tag> => hex(16).filter(Tag.is)
const signature = (): fc.Arbitrary<Signature> => hex(64).filter(Signature.is)
const place = (): fc.Arbitrary<number> => fc.oneof(fc.nat(9), fc.nat(0xffff))

const seat = (): fc.Arbitrary<sealed.Ring['members'][number]> =>
  fc.oneof(
    record({ _tag: fc.constant('Keyed' as const), name: anyContactName(), signs: key(), seals: key() }),
    fc.tuple(anyContactName(), address()).map(([name, { ip, port }]) => ({ _tag: 'Classic' as const, name, ip, port })),
  )

export const ring = (): fc.Arbitrary<sealed.Ring> => record({ list: anyListName(), epoch: fc.nat(2 ** 31), members: fc.array(seat(), { maxLength: 5 }) })

export const envelope = (): fc.Arbitrary<sealed.Envelope> =>
  record({ grant: grant(), granted: signature(), signed: signature(), salt: tag(), text: fc.string({ unit: 'grapheme', maxLength: 40 }) })

const whys: ReadonlyArray<sealed.Why> = ['silent', 'portClosed', 'noSession', 'remembered', 'late', 'refused', 'closed']

/** `places`: at most so many visited, anywhere in the largest ring. */
export const trail = (places = 20): fc.Arbitrary<sealed.Trail> =>
  record({
    visited: fc.uniqueArray(fc.oneof(fc.nat(9), fc.nat(limits.ringMembers - 1)), { maxLength: places }).map((all) => all.sort((a, b) => a - b)),
    tagI: tag(),
    tagS: tag(),
    notes: fc.array(record({ member: place(), why: fc.constantFrom(...whys), by: place() }), { maxLength: limits.notesInTrail }),
  })
