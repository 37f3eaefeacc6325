// The least that a member of a sealed ring has to do, whatever it is written in: it opens a record, verifies the server's and the initiator's signature,
// seals the record for the next and an ack for the one before. No protocol, no state, and nothing durable. `node least.js <port>` does so with every
// datagram of `relay()`, and sends it on to that port; it prints its own. The keys are everybody's: it is a yardstick.
import { createSocket } from 'node:dgram'
import { ciphers } from '../../shell/channel/ciphers.js'
import { median } from './report.js'

/** bytes of a relay with the bench's text in a ring of ten, and of its ack, as they are on the line */
export const relayBytes = 400
const ackBytes = 64
const recordBytes = 32
const signatureBytes = 64

const { own, sign, verify, seal, open, hash, share } = ciphers({ signing: new Uint8Array(32).fill(1), sealing: new Uint8Array(32).fill(2) })
const key = new Uint8Array(32).fill(3)
const keys = { tx: key, rx: key }
const header = new Uint8Array(16)
const signed = new Uint8Array(200).fill(4)
const signature = sign(signed)
const ack = new Uint8Array(ackBytes - recordBytes)

/** What goes round. */
export const relay = (): Uint8Array => {
  const plain = new Uint8Array(relayBytes - recordBytes)
  plain.set(signature)
  return seal(keys, 0, header, plain)
}

/** The record, opened and proven. */
const taken = (datagram: Uint8Array): Uint8Array => {
  const plain = open(keys, 0, datagram)
  const proof = plain?.subarray(0, signatureBytes)
  if (plain === undefined || proof === undefined || !verify(own.signs, signed, proof) || !verify(own.signs, signed, proof)) throw new Error('no record of this bench')
  return plain
}

/** µs that each of these takes alone, again and again, in this process: what is in the caches takes no longer. */
export const stages = (): ReadonlyArray<readonly [string, number]> => {
  const datagram = relay()
  const plain = taken(datagram)
  const timed = (what: () => unknown): number => {
    const each = Array.from({ length: 2000 }, () => {
      const began = performance.now()
      what()
      return performance.now() - began
    })
    return median(each.slice(1000)) * 1000
  }
  return [
    ['2 verifications', 2 * timed(() => verify(own.signs, signed, signature))],
    ['1 record opened', timed(() => open(keys, 0, datagram))],
    ['2 records sealed', timed(() => seal(keys, 0, header, plain)) + timed(() => seal(keys, 0, header, ack))],
    ['2 hashes', 2 * timed(() => hash(signed))],
    ['2 receipts', 2 * timed(() => share(own.seals, ack))],
  ]
}

const next = Number(process.argv[2])
if (process.argv[1]?.endsWith('least.js') === true) {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, from) => {
    if (bytes.length === ackBytes) return void open(keys, 0, bytes)
    const plain = taken(bytes)
    socket.send(seal(keys, 0, header, plain), next, '127.0.0.1')
    socket.send(seal(keys, 0, header, ack), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1', () => console.log(socket.address().port))
}
