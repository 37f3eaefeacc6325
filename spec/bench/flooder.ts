// Floods a server with hellos: `node flooder.js <port> <server's id> <kind> <seconds> <a second>`. Many sockets, each in a network of its own
// (127.x.y.1), so that the server sees many sources; the hellos are made before, 2,048 different ones. It says what it sent and what came back.
//
//   noise     a wrong mac1
//   marked    a right mac1, and noise behind it
//   whole     hellos that strangers with keys of their own would send
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { helloBody } from '../../core/wire/sealed/datagram.js'
import { joined } from '../../core/wire/sealed/bytes.js'
import { ciphers } from '../../shell/channel/ciphers.js'
import { newSecrets } from '../../shell/channel/secrets.js'
import type { PublicKey } from '../../core/index.js'

const [port, seals, kind, seconds, aSecond] = process.argv.slice(2)
const different = 2048
const networks = 128
/** sent between two looks at the clock and at what came back */
const batch = 32

const box = ciphers(newSecrets())
const label = box.label('mac1', seals as PublicKey)

const message = (i: number): Uint8Array => {
  if (kind !== 'whole') return randomBytes(108)
  const stranger = i % 16 === 0 ? ciphers(newSecrets()) : box
  return stranger.begin(seals as PublicKey, new Uint8Array(randomBytes(12)), new Uint8Array(randomBytes(32)))?.message ?? randomBytes(108)
}

const hellos = Array.from({ length: different }, (_, i) => {
  const body = helloBody(i, message(i))
  return joined([body, kind === 'noise' ? randomBytes(16) : box.mac(label, body), new Uint8Array(16)])
})

const came = { datagrams: 0, bytes: 0 }
const sockets: Socket[] = []
for (let i = 0; i < networks; i++) {
  const socket = createSocket('udp4')
  socket.on('message', (bytes) => {
    came.datagrams += 1
    came.bytes += bytes.length
  })
  socket.bind(0, `127.${1 + (i % 8)}.${1 + (i >> 3)}.1`)
  await once(socket, 'listening')
  socket.connect(Number(port), '127.0.0.1')
  await once(socket, 'connect')
  sockets.push(socket)
}

console.log('ready')
const begun = performance.now()
const until = begun + Number(seconds) * 1000
let sent = 0

const flood = (): void => {
  const now = performance.now()
  const due = Math.min(((now - begun) / 1000) * Number(aSecond), sent + batch)
  for (; sent < due; sent++) sockets[sent % networks]?.send(hellos[sent % different] as Uint8Array)
  if (now < until) setImmediate(flood)
  else setTimeout(() => {
    console.log(JSON.stringify({ sent, bytes: sent * 148, ...{ cameDatagrams: came.datagrams, cameBytes: came.bytes } }))
    for (const socket of sockets) socket.close()
  }, 200)
}
flood()
